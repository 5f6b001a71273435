/** A JSONL file of trials: one object a line, token ids and offsets as lists, the judgement within. */
import { createReadStream } from "node:fs";
import { z } from "zod";
import { badRow, readRow, type TableRow } from "./table-row.ts";

export function* jsonlLines(rows: Iterable<TableRow>): Generator<string> {
  for (const { trial, judgement } of rows) {
    const { tokens, offsets, ...rest } = trial;
    yield `${JSON.stringify({ ...rest, tokens: [...tokens], offsets: [...offsets], judgement })}\n`;
  }
}

const lineSchema = z.looseObject({
  tokens: z.array(z.int()),
  offsets: z.array(z.int()),
  judgement: z.unknown(),
});

/** Throws CONFIG_INVALID for a line that `jsonlLines` does not write. */
export async function* readJsonl({ file }: { file: string }): AsyncGenerator<TableRow> {
  let row = 0;
  for await (const line of linesOf(file)) {
    row += 1;
    const place = { file, row };
    const parsed = lineSchema.safeParse(parseLine(line));
    if (!parsed.success) throw badRow(place, parsed.error.issues[0]);
    const { tokens, offsets, judgement, ...rest } = parsed.data;
    const trial = { ...rest, tokens: Int32Array.from(tokens), offsets: Int32Array.from(offsets) };
    yield readRow({ trial, judgement, place });
  }
}

/** At line feeds alone: `readline` takes U+2028 for a line break, which may stand in a text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  // a line's parts: joined at each chunk, a long line would be copied as often as it has chunks
  let parts: string[] = [];
  for await (const chunk of createReadStream(file, "utf8")) {
    const [end = "", ...lines] = String(chunk).split("\n");
    parts.push(end);
    const rest = lines.pop();
    if (rest === undefined) continue;
    yield parts.join("");
    yield* lines;
    parts = [rest];
  }
  const rest = parts.join("");
  if (rest !== "") yield rest;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // the schema refuses it, with its place
    return null;
  }
}

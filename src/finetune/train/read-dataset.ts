/** The records of a data set file. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";
import { type FinetuneRecord, recordSchema } from "../data/record.ts";

export interface Dataset {
  records: FinetuneRecord[];
  /** Of the file, hex. */
  sha256: string;
}

/** Throws CONFIG_INVALID, with the line, for a file that can't be read, a line that is no record, an id that comes twice, and an empty file. */
export async function readDataset({ file }: { file: string }): Promise<Dataset> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw invalid({ file, what: `${file} can't be read.`, why: `${messageOf(cause)}.`, cause });
  }
  const records: FinetuneRecord[] = [];
  const lineOf = new Map<string, number>();
  for (const [i, text] of bytes.toString("utf8").split("\n").entries()) {
    if (text.trim() === "") continue;
    const record = parseLine({ file, line: i + 1, text });
    const before = lineOf.get(record.id);
    if (before !== undefined) {
      const what = `Lines ${before} and ${i + 1} of ${file} are both example ${record.id}.`;
      throw invalid({ file, what, why: "An example is named by its id, which comes once." });
    }
    lineOf.set(record.id, i + 1);
    records.push(record);
  }
  if (records.length === 0) throw invalid({ file, what: `${file} holds no examples.`, why: "It is empty." });
  return { records, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function parseLine({ file, line, text }: { file: string; line: number; text: string }): FinetuneRecord {
  const what = `Line ${line} of ${file} is no example.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid({ file, what, why: `${messageOf(cause)}.`, cause });
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid({ file, what, why: `${z.prettifyError(parsed.error).replaceAll("\n", " ")}.` });
}

function invalid({
  file,
  what,
  why,
  cause,
}: {
  file: string;
  what: string;
  why: string;
  cause?: unknown;
}): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what,
    why,
    todo: "Give a file that `countersteer finetune data` wrote, or that is like it (docs/finetune.md).",
    facts: { file },
    cause,
  });
}

/**
 * Responses as a spreadsheet for people to judge, and back. The sheet is blind: it names neither arm nor latent nor any judge's score.
 * A person writes, a line each, the words with which the response starts over, and the score of each attempt.
 */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";
import { createRng } from "../../stats/rng.ts";
import type { Attempt, Judgement } from "../judge.ts";
import { locateQuote } from "../llm/locate-quote.ts";

export interface SheetRow {
  /** The trial's key. */
  trial: string;
  prompt: string;
  response: string;
}

const COLUMNS = ["trial", "prompt", "response", "restarts", "scores", "comment"] as const;
const rowSchema = z.object({
  trial: z.string().min(1),
  restarts: z.string(),
  scores: z.string(),
  comment: z.string().default(""),
});

/** What a person writes where the response makes no attempt at all. */
const NO_ATTEMPT = "-";

/** A sheet in shuffled order, so that neighbours are not of one latent. Cells that a spreadsheet would compute are made text. */
export function writeLabelSheet({ rows, seed }: { rows: readonly SheetRow[]; seed: number }): string {
  const rng = createRng({ seed });
  const shuffled = rows
    .map((row) => ({ row, at: rng.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => ({ ...row, restarts: "", scores: "", comment: "" }));
  return stringify(shuffled, { header: true, columns: [...COLUMNS], escape_formulas: true, bom: true });
}

export interface HumanLabel {
  trial: string;
  judgement: Judgement;
}

export interface ReadLabelSheetOptions {
  text: string;
  /** The file's name, for messages. */
  file: string;
  /** Who judged: the judge is called `human-<name>/1`. */
  name: string;
  /** The stored response of a trial; null if there is none. The sheet's own copy may have been changed by a spreadsheet. */
  responseOf: (trial: string) => string | null;
}

/** Rows without scores are not judged yet and left out. Throws CONFIG_INVALID naming the row and what is wrong with it. */
export function readLabelSheet({ text, file, name, responseOf }: ReadLabelSheetOptions): HumanLabel[] {
  const judge = `human-${name}/1`;
  const seen = new Set<string>();
  return parseRows({ text, file }).flatMap(({ row, cells }) => {
    const wrong = (why: string) => sheetError({ file, row, why });
    if (cells.scores.trim() === "") return [];
    // `escape_formulas` puts this before what a spreadsheet would compute
    const trial = cells.trial.replace(/^'/, "");
    const response = responseOf(trial);
    if (response === null) throw wrong(`The run has no trial "${trial}".`);
    if (seen.has(trial)) throw wrong(`The trial "${trial}" stands in the sheet twice.`);
    seen.add(trial);
    const attempts = cells.scores.trim() === NO_ATTEMPT ? [] : attemptsOf({ cells, response, wrong });
    const detail = cells.comment.trim() === "" ? {} : { comment: cells.comment.trim() };
    const status = attempts.length === 0 ? ("no-attempt" as const) : ("scored" as const);
    return [{ trial, judgement: { judge, status, attempts, detail } }];
  });
}

type Cells = z.infer<typeof rowSchema>;

function parseRows({ text, file }: { text: string; file: string }): { row: number; cells: Cells }[] {
  let records: unknown;
  try {
    records = parse(text, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
    });
  } catch (cause) {
    throw sheetError({ file, row: null, why: `It is not CSV: ${messageOf(cause)}.`, cause });
  }
  return z
    .array(z.unknown())
    .parse(records)
    .map((record, index) => {
      // as a spreadsheet numbers them, with the header as the first
      const row = index + 2;
      const cells = rowSchema.safeParse(record);
      if (cells.success) return { row, cells: cells.data };
      const why = `It lacks the column "${cells.error.issues[0]?.path.join(".") ?? ""}".`;
      throw sheetError({ file, row, why });
    });
}

const linesOf = (cell: string): string[] =>
  cell
    .split(/\r?\n|;/)
    .map((line) => line.trim().replace(/^'(?=[=+\-@])/, ""))
    .filter((line) => line !== "");

function attemptsOf({
  cells,
  response,
  wrong,
}: {
  cells: Cells;
  response: string;
  wrong: (why: string) => CountersteerError;
}): Attempt[] {
  const restarts = cells.restarts
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const scores = linesOf(cells.scores).map((score) => {
    const value = Number(score.replace(",", "."));
    if (!(value >= 0 && value <= 100)) throw wrong(`"${score}" is not a score from 0 to 100.`);
    return value;
  });
  if (scores.length !== restarts.length + 1) {
    throw wrong(
      `It has ${restarts.length} restarts and ${scores.length} scores; there is one attempt more than restarts, and one score for each.`,
    );
  }
  const first = response.search(/\S/);
  const starts: { start: number; phrase: string | null }[] = [{ start: Math.max(0, first), phrase: null }];
  for (const restart of restarts) {
    const from = (starts.at(-1)?.start ?? 0) + 1;
    const [found] = locateQuote({ text: response, quote: restart, from });
    if (found === undefined) {
      throw wrong(`The response does not say "${restart}" after its attempt ${starts.length} begins.`);
    }
    starts.push({ start: found.start, phrase: response.slice(found.start, found.end) });
  }
  return starts.map(({ start, phrase }, i) => ({
    start,
    end: starts[i + 1]?.start ?? response.length,
    restartPhrase: phrase,
    score: scores[i] ?? null,
    components: {},
  }));
}

function sheetError({
  file,
  row,
  why,
  cause,
}: {
  file: string;
  row: number | null;
  why: string;
  cause?: unknown;
}): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: row === null ? `The labels ${file} could not be read.` : `Row ${row} of ${file} can't be used.`,
    why,
    todo: "Correct it and import again: nothing was stored.",
    facts: { file, row },
    ...(cause === undefined ? {} : { cause }),
  });
}

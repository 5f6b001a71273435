/** The columns of a CSV file of trials. The first ones are for a spreadsheet; those from `repeat` on hold the rest as JSON, so that the file is whole. */
import { type RowPlace, readRow, scoresOf, type TableRow } from "./table-row.ts";

type Cell = string | number | boolean | null;

const json = (value: unknown): string => JSON.stringify(value);

/** What each column holds; null is an empty field. */
const CSV_COLUMNS: Record<string, (row: TableRow) => Cell> = {
  key: ({ trial }) => trial.key,
  arm: ({ trial }) => trial.arm,
  unit: ({ trial }) => trial.unit,
  latent: ({ trial }) => trial.latent,
  strength: ({ trial }) => trial.strength,
  prompt_index: ({ trial }) => trial.promptIndex,
  prompt: ({ trial }) => trial.prompt,
  seed: ({ trial }) => trial.seed,
  text: ({ trial }) => trial.text,
  tokens: ({ trial }) => trial.tokens.length,
  prompt_tokens: ({ trial }) => trial.promptTokens,
  finish: ({ trial }) => trial.finish,
  degraded: ({ trial }) => trial.degraded,
  error: ({ trial }) => (trial.error === null ? null : json(trial.error)),
  rows_edited: ({ trial }) => trial.receipt?.rowsEdited ?? null,
  mean_dose: ({ trial }) => trial.receipt?.meanDose ?? null,
  judge: ({ judgement }) => judgement?.judge ?? null,
  status: ({ judgement }) => judgement?.status ?? null,
  attempts: ({ judgement }) => judgement?.attempts.length ?? null,
  scored_attempts: (row) => (row.judgement === null ? null : scoresOf(row).length),
  first_score: (row) => scoresOf(row)[0] ?? null,
  last_score: (row) => scoresOf(row).at(-1) ?? null,
  created_at: ({ trial }) => trial.createdAt,
  repeat: ({ judgement }) => judgement?.repeat ?? null,
  judged_at: ({ judgement }) => judgement?.createdAt ?? null,
  token_ids: ({ trial }) => json([...trial.tokens]),
  token_offsets: ({ trial }) => json([...trial.offsets]),
  receipt: ({ trial }) => (trial.receipt === null ? null : json(trial.receipt)),
  attempt_list: ({ judgement }) => (judgement === null ? null : json(judgement.attempts)),
  judgement_detail: ({ judgement }) => (judgement === null ? null : json(judgement.detail)),
};
export const CSV_HEADER = Object.keys(CSV_COLUMNS);

/** A row's fields as text, before quotes. */
export function csvFields(row: TableRow): string[] {
  return Object.values(CSV_COLUMNS).map((column) => {
    const value = column(row);
    return value === null ? "" : String(value);
  });
}

/** Throws CONFIG_INVALID for fields that `csvFields` does not write. */
export function readCsvFields(fields: readonly string[], place: RowPlace): TableRow {
  const cell = (name: string) => fields[CSV_HEADER.indexOf(name)] ?? "";
  const number = (name: string) => (cell(name) === "" ? null : Number(cell(name)));
  const parsed = (name: string): unknown => {
    try {
      return cell(name) === "" ? null : JSON.parse(cell(name));
    } catch {
      // the schema refuses it, with its place
      return undefined;
    }
  };
  const numbers = (name: string) => {
    const list = parsed(name);
    return Array.isArray(list) ? Int32Array.from(list, Number) : list;
  };
  const trial = {
    key: cell("key"),
    arm: cell("arm"),
    unit: cell("unit"),
    latent: number("latent"),
    strength: number("strength"),
    promptIndex: number("prompt_index"),
    prompt: cell("prompt"),
    seed: number("seed"),
    text: cell("text"),
    tokens: numbers("token_ids"),
    offsets: numbers("token_offsets"),
    finish: cell("finish") === "" ? null : cell("finish"),
    promptTokens: number("prompt_tokens"),
    receipt: parsed("receipt"),
    degraded: cell("degraded") === "true",
    error: parsed("error"),
    createdAt: cell("created_at"),
  };
  const judgement = {
    trialKey: cell("key"),
    judge: cell("judge"),
    repeat: number("repeat"),
    status: cell("status"),
    attempts: parsed("attempt_list"),
    detail: parsed("judgement_detail"),
    createdAt: cell("judged_at"),
  };
  return readRow({ trial, judgement: cell("judge") === "" ? null : judgement, place });
}

/** Trials with their latest judgement as JSONL or CSV, a line at a time. */
import type { JudgedFilter, JudgedTrial, RunStore } from "./run-store.ts";

export interface ExportOptions extends JudgedFilter {
  store: RunStore;
}

/** One JSON object a trial, with a line break; token ids and offsets as arrays. */
export function* exportJsonl({ store, ...filter }: ExportOptions): Generator<string> {
  for (const { trial, judgement } of store.judged(filter)) {
    const { tokens, offsets, ...rest } = trial;
    yield `${JSON.stringify({ ...rest, tokens: [...tokens], offsets: [...offsets], judgement })}\n`;
  }
}

/** One `{kind: "chat", prompt, response}` a line, the form in which documents are read; trials without a response are left out. */
export function* exportChats({ store, ...filter }: ExportOptions): Generator<string> {
  for (const { trial } of store.judged(filter)) {
    if (trial.error !== null || trial.text.trim() === "") continue;
    yield `${JSON.stringify({ kind: "chat", prompt: trial.prompt, response: trial.text })}\n`;
  }
}

const COLUMNS: Record<string, (row: JudgedTrial) => string | number | boolean | null> = {
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
  error: ({ trial }) => (trial.error === null ? null : JSON.stringify(trial.error)),
  rows_edited: ({ trial }) => trial.receipt?.rowsEdited ?? null,
  mean_dose: ({ trial }) => trial.receipt?.meanDose ?? null,
  judge: ({ judgement }) => judgement?.judge ?? null,
  status: ({ judgement }) => judgement?.status ?? null,
  attempts: ({ judgement }) => judgement?.attempts.length ?? null,
  scored_attempts: (row) => (row.judgement === null ? null : scoresOf(row).length),
  first_score: (row) => scoresOf(row)[0] ?? null,
  last_score: (row) => scoresOf(row).at(-1) ?? null,
  created_at: ({ trial }) => trial.createdAt,
};

/** A header line, then one row a trial (RFC 4180); an absent value is an empty field. */
export function* exportCsv({ store, ...filter }: ExportOptions): Generator<string> {
  yield `${Object.keys(COLUMNS).join(",")}\r\n`;
  for (const row of store.judged(filter)) {
    yield `${Object.values(COLUMNS)
      .map((column) => csvField(column(row)))
      .join(",")}\r\n`;
  }
}

function scoresOf({ judgement }: JudgedTrial): number[] {
  return (judgement?.attempts ?? []).map(({ score }) => score).filter((score) => score !== null);
}

function csvField(value: string | number | boolean | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

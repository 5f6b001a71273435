/** Trials with their latest judgement as JSONL or CSV, a line at a time. */
import type { JudgedFilter, RunStore } from "./run-store.ts";
import { csvLines } from "./table/csv-table.ts";
import { jsonlLines } from "./table/jsonl-table.ts";

export interface ExportOptions extends JudgedFilter {
  store: RunStore;
}

/** One JSON object a trial, with a line break; token ids and offsets as arrays. */
export function exportJsonl({ store, ...filter }: ExportOptions): Generator<string> {
  return jsonlLines(store.judged(filter));
}

/** A header line, then one row a trial (RFC 4180); an absent value is an empty field. */
export function exportCsv({ store, ...filter }: ExportOptions): Generator<string> {
  return csvLines(store.judged(filter));
}

/** One `{kind: "chat", prompt, response}` a line, the form in which documents are read; trials without a response are left out. */
export function* exportChats({ store, ...filter }: ExportOptions): Generator<string> {
  for (const { trial } of store.judged(filter)) {
    if (trial.error !== null || trial.text.trim() === "") continue;
    yield `${JSON.stringify({ kind: "chat", prompt: trial.prompt, response: trial.text })}\n`;
  }
}

/** The table of a run's trials, a page at a time, for the viewer: filtered, searched and sorted. 200,000 trials take no longer than a few to turn a page. */
import { z } from "zod";
import type { Database } from "./database.ts";
import { factsPlace } from "./facts-place.ts";
import { runMargin } from "./run-margin.ts";
import type { RunStore } from "./run-store.ts";
import { excerptOf, searchWords } from "./trial-excerpt.ts";
import {
  outcomeSql,
  type TrialOrderOptions,
  type TrialTableFilter,
  type TrialTableSort,
  trialOrder,
} from "./trial-order.ts";
import { OUTCOMES } from "./trial-outcome.ts";

export type { TrialTableFilter, TrialTableSort } from "./trial-order.ts";

export interface TableOptions {
  store: RunStore;
  filter: TrialTableFilter;
  sort: TrialTableSort;
  direction: "up" | "down";
}

export interface QueryTrialsOptions extends TableOptions {
  /** Rows before the first that is wanted. */
  offset: number;
  limit: number;
}

const count = z.int().min(0);
const rowSchema = z.object({
  key: z.string(),
  arm: z.string(),
  latent: count.nullable(),
  strength: z.number(),
  promptIndex: count,
  prompt: z.string(),
  text: z.string(),
  outcome: z.enum(OUTCOMES),
  /** With a score. */
  attempts: count,
  firstScore: z.number().nullable(),
  lastScore: z.number().nullable(),
  tokens: count,
  degraded: z.int().transform((value) => value === 1),
});

export interface TrialTableRow extends Omit<z.infer<typeof rowSchema>, "text"> {
  label: string | null;
  /** The beginning of the response, or of what is found. */
  excerpt: string;
}

export interface TrialTablePage {
  /** Rows of the whole table. */
  total: number;
  rows: TrialTableRow[];
}

/** Throws STORE_CORRUPT for a row that is no valid record. */
export function queryTrials({ offset, limit, ...table }: QueryTrialsOptions): TrialTablePage {
  return table.store.read((db) => {
    const order = trialOrder(db, orderOptions(table));
    return { total: order.length, rows: readRows(db, table, order.subarray(offset, offset + limit)) };
  });
}

/** Keys of the rows before and after one; null at an end, and both where the table does not have it. */
export function neighboursOf({ key, ...table }: TableOptions & { key: string }): {
  previous: string | null;
  next: string | null;
} {
  return table.store.read((db) => {
    const order = trialOrder(db, orderOptions(table));
    const at = order.indexOf(Number(db.get("SELECT seq FROM trials WHERE key = ?", [key])?.seq));
    const keyOf = (index: number): string | null => {
      const seq = at < 0 ? undefined : order[index];
      if (seq === undefined) return null;
      return String(db.get("SELECT key FROM trials WHERE seq = ?", [seq])?.key);
    };
    return { previous: keyOf(at - 1), next: keyOf(at + 1) };
  });
}

/** Keys of every trial that the filter lets through. */
export function matchingKeys({ store, filter }: Pick<TableOptions, "store" | "filter">): Set<string> {
  return store.read((db) => {
    const order = trialOrder(db, orderOptions({ store, filter, sort: "order", direction: "up" }));
    const sql = "SELECT key FROM trials WHERE seq IN (SELECT value FROM json_each(?))";
    return new Set(db.arrays(sql, [JSON.stringify([...order])]).map(([key]) => String(key)));
  });
}

function orderOptions({ store, filter, sort, direction }: TableOptions): TrialOrderOptions {
  const manifest = store.manifest();
  const { judge = manifest.judge.id } = filter;
  return { filter, sort, direction, judge, margin: runMargin(manifest) };
}

function readRows(db: Database, table: TableOptions, seqs: Int32Array): TrialTableRow[] {
  const { judge, margin } = orderOptions(table);
  const words = searchWords(table.filter.search);
  const labels = new Map(table.store.latents().map(({ latent, label }) => [latent, label]));
  const place = factsPlace(db);
  const rows = db.all(
    `SELECT t.key, t.arm, t.latent, t.strength, t.prompt_index AS promptIndex, r.prompt, r.text, ${outcomeSql(margin)} AS outcome, ` +
      "coalesce(j.scored, 0) AS attempts, j.first AS firstScore, j.last AS lastScore, t.tokens, t.degraded " +
      `FROM json_each(?) AS place JOIN ${place}.trial_facts AS t ON t.trial = place.value JOIN trials AS r ON r.seq = t.trial ` +
      `LEFT JOIN ${place}.judgement_facts AS j ON j.judge = ? AND j.trial = t.trial AND j.latest = 1 ORDER BY place.key`,
    [JSON.stringify([...seqs]), judge],
  );
  return rows.map((row) => {
    const { text, ...rest } = db.decode({ schema: rowSchema, table: "trials", read: () => row });
    return { ...rest, label: labels.get(rest.latent ?? -1) ?? null, excerpt: excerptOf({ text, words }) };
  });
}

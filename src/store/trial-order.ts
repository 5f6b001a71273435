/**
 * Which trials a table shows, and in which order: places in the file (`trials.seq`), computed once for a filter and a sort and kept until the run
 * changes, so that any page of it, however deep, is a slice.
 */
import type { Database } from "./database.ts";
import { factsPlace } from "./facts-place.ts";
import { searchWords } from "./trial-excerpt.ts";
import { type OutcomeChoice, outcomesOf } from "./trial-outcome.ts";

/** Absent fields let everything through. */
export interface TrialTableFilter {
  arm?: string;
  latent?: number;
  /** Index of the prompt. */
  prompt?: number;
  outcome?: OutcomeChoice;
  /** Words that all stand in the response or in the prompt, without regard to case. */
  search?: string;
  /** `name/version` of the judge whose judgements count. @default the run's own */
  judge?: string;
}

/** What the rows may be sorted by. Trials without the value come last either way, and equal ones in the order of writing. */
const SORTED_BY = {
  order: "t.trial",
  latent: "t.latent",
  strength: "t.strength",
  prompt: "t.prompt_index",
  attempts: "j.scored",
  first: "j.first",
  last: "j.last",
  change: "j.last - j.first",
  tokens: "t.tokens",
} as const;
export type TrialTableSort = keyof typeof SORTED_BY;

export interface TrialOrderOptions {
  filter: TrialTableFilter;
  sort: TrialTableSort;
  direction: "up" | "down";
  /** Whose judgements count, and by how much a last score must exceed the first. */
  judge: string;
  margin: number;
}

/** Orders of one run that are kept at once; the one that was asked for longest ago goes. */
const KEPT = 32;

interface KeptOrders {
  version: string;
  orders: Map<string, Int32Array>;
}

const kept = new WeakMap<Database, KeptOrders>();
const defined = new WeakSet<Database>();

export function trialOrder(db: Database, options: TrialOrderOptions): Int32Array {
  const place = factsPlace(db);
  const version = db.contentVersion();
  const known = kept.get(db);
  const { orders } = known?.version === version ? known : { orders: new Map<string, Int32Array>() };
  kept.set(db, { version, orders });
  const name = JSON.stringify([place, options]);
  const order = orders.get(name) ?? readOrder(db, options, place);
  orders.delete(name);
  orders.set(name, order);
  for (const oldest of [...orders.keys()].slice(0, Math.max(0, orders.size - KEPT))) orders.delete(oldest);
  return order;
}

function readOrder(db: Database, options: TrialOrderOptions, place: string): Int32Array {
  const { sort, direction, judge } = options;
  const { conditions, values, needsText } = conditionsOf(db, options);
  const sql =
    `SELECT t.trial FROM ${place}.trial_facts AS t ` +
    `LEFT JOIN ${place}.judgement_facts AS j ON j.judge = ? AND j.trial = t.trial AND j.latest = 1 ` +
    (needsText ? "JOIN trials AS r ON r.seq = t.trial " : "") +
    `WHERE ${conditions.join(" AND ") || "1"} ` +
    `ORDER BY ${SORTED_BY[sort]} ${direction === "up" ? "ASC" : "DESC"} NULLS LAST, t.trial`;
  return Int32Array.from(db.arrays(sql, [judge, ...values]), ([seq]) => Number(seq));
}

function conditionsOf(db: Database, { filter, margin }: TrialOrderOptions) {
  const { arm, latent, prompt, outcome, search } = filter;
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, ...bound: (string | number)[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (arm !== undefined) add("t.arm = ?", arm);
  if (latent !== undefined) add("t.latent = ?", latent);
  if (prompt !== undefined) add("t.prompt_index = ?", prompt);
  if (outcome !== undefined) {
    add(`${outcomeSql(margin)} IN (SELECT value FROM json_each(?))`, JSON.stringify(outcomesOf(outcome)));
  }
  const words = searchWords(search);
  for (const word of words) {
    // SQLite's LIKE knows the case of ASCII letters only, and is four times as fast
    if (isAscii(word)) {
      const pattern = `%${word.replaceAll(/[\\%_]/g, "\\$&")}%`;
      add("(r.text LIKE ? ESCAPE '\\' OR r.prompt LIKE ? ESCAPE '\\')", pattern, pattern);
    } else {
      if (!defined.has(db)) db.define("has_word", (text, word) => hasWord(String(text), String(word)));
      defined.add(db);
      add("(has_word(r.text, ?) OR has_word(r.prompt, ?))", word, word);
    }
  }
  return { conditions, values, needsText: words.length > 0 };
}

/** `outcomeOf` of trial-outcome.ts, of the facts `t` and `j`. */
export function outcomeSql(margin: number): string {
  return (
    "CASE WHEN t.failed THEN 'errored' WHEN j.status IS NULL THEN 'unjudged' WHEN j.status <> 'scored' THEN j.status " +
    `WHEN j.scored < 2 THEN 'single-attempt' WHEN j.last - j.first > ${Number(margin)} THEN 'improved' ELSE 'not-improved' END`
  );
}

function isAscii(word: string): boolean {
  return [...word].every((letter) => letter.charCodeAt(0) < 0x80);
}

function hasWord(text: string, word: string): number {
  return Number(text.toLowerCase().includes(word));
}

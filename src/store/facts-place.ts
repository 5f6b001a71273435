/**
 * Where a connection finds the facts of all rows. A run of version 1 has none, and rows that something else has changed have lost theirs: then
 * they are derived from the records, each of which is checked as it is read, into a temporary database of the connection.
 */
import type { Database } from "./database.ts";
import { type FactsPlace, putJudgementFact, putTrialFact } from "./facts-table.ts";
import { judgementOf } from "./judgement-table.ts";
import { factTables } from "./schema.ts";
import { trialOf } from "./trial-table.ts";

interface Found {
  version: string;
  place: FactsPlace;
}

const found = new WeakMap<Database, Found>();

/** Throws STORE_CORRUPT where facts must be derived from a row that is no valid record. */
export function factsPlace(db: Database): FactsPlace {
  const version = db.contentVersion();
  const known = found.get(db);
  if (known?.version === version) return known.place;
  const place = db.version > 1 && hasAll(db, "main") ? "main" : "temp";
  if (place === "temp") {
    db.exec("DROP TABLE IF EXISTS temp.trial_facts; DROP TABLE IF EXISTS temp.judgement_facts");
    db.exec(factTables("temp"));
    fillFacts(db, "temp");
  }
  // making a temporary table counts as a change of the connection's own
  found.set(db, { version: db.contentVersion(), place });
  return place;
}

/** Derives the facts of every row that has none. */
export function fillFacts(db: Database, place: FactsPlace): void {
  if (hasAll(db, place)) return;
  const without = `seq NOT IN (SELECT trial FROM ${place}.trial_facts)`;
  for (const row of db.pages({ table: "trials", where: without })) putTrialFact(db, trialOf(db, row), place);
  const unjudged =
    `NOT EXISTS (SELECT 1 FROM ${place}.judgement_facts AS f WHERE f.judge = judgements.judge AND f.repeat = judgements.repeat ` +
    "AND f.trial = (SELECT seq FROM trials WHERE key = trial_key))";
  for (const row of db.pages({ table: "judgements", where: unjudged })) {
    putJudgementFact(db, judgementOf(db, row), place);
  }
}

/** Whether every row has its facts. */
export function hasAll(db: Database, place: FactsPlace): boolean {
  const row = db.get(
    `SELECT (SELECT count(*) FROM trials) = (SELECT count(*) FROM ${place}.trial_facts) AND ` +
      `(SELECT count(*) FROM judgements) = (SELECT count(*) FROM ${place}.judgement_facts) AS complete`,
  );
  return row?.complete === 1;
}

/** Writes facts beside the rows that they are of. */
import { toJson } from "./columns.ts";
import type { Database } from "./database.ts";
import type { JudgementRecord, TrialRecord } from "./records.ts";
import { judgementFactOf, trialFactOf } from "./trial-facts.ts";

/** Which database holds a connection's facts: the run's file, or one of its own. */
export type FactsPlace = "main" | "temp";

/** Of a stored trial, in the transaction that stores it. */
export function putTrialFact(db: Database, trial: TrialRecord, place: FactsPlace = "main"): void {
  const fact = trialFactOf(trial);
  db.run(
    `INSERT INTO ${place}.trial_facts SELECT seq, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM trials WHERE key = ?`,
    [
      fact.key,
      fact.arm,
      fact.unit,
      fact.latent,
      fact.strength,
      fact.promptIndex,
      Number(fact.failed),
      Number(fact.degraded),
      fact.finish,
      fact.tokens,
      fact.meanDose,
      fact.key,
    ],
  );
}

/** The judgement with the highest repeat number of a judge is its latest. */
export function putJudgementFact(db: Database, judgement: JudgementRecord, place: FactsPlace = "main"): void {
  const { trialKey, judge, repeat } = judgement;
  const { status, scored, first, last, firstLength, lastLength, sizes, recovered } =
    judgementFactOf(judgement);
  const table = `${place}.judgement_facts`;
  const trial = Number(db.get("SELECT seq FROM trials WHERE key = ?", [trialKey])?.seq);
  db.run(`UPDATE ${table} SET latest = 0 WHERE judge = ? AND trial = ? AND repeat < ?`, [
    judge,
    trial,
    repeat,
  ]);
  const later = db.get(`SELECT 1 FROM ${table} WHERE judge = ? AND trial = ? AND repeat > ?`, [
    judge,
    trial,
    repeat,
  ]);
  db.run(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    judge,
    trial,
    repeat,
    Number(later === undefined),
    status,
    scored,
    first,
    last,
    firstLength,
    lastLength,
    toJson(sizes),
    recovered === null ? null : Number(recovered),
  ]);
}

/** Row counts for progress lines and for deciding what is left to do. */
import type { Database } from "./database.ts";
import { hasAll } from "./facts-place.ts";
import { JUDGEMENT_STATUSES, type JudgementStatus } from "./records.ts";

export interface RunCounts {
  latents: number;
  thresholds: number;
  thresholdSamples: number;
  /** Stored trials, failed ones included. */
  trials: number;
  errored: number;
  degraded: number;
  trialsByArm: Record<string, number>;
  /** Over all judges and repeats. */
  judgements: Record<JudgementStatus, number>;
}

export function readCounts(db: Database): RunCounts {
  // facts are a thirtieth of the rows that they are of
  const inFacts = db.version > 1 && hasAll(db, "main");
  const trials = inFacts ? "trial_facts" : "trials";
  const failed = inFacts ? "failed = 1" : "error <> 'null'";
  const judged = inFacts ? "judgement_facts" : "judgements";
  const count = (from: string): number => Number(db.get(`SELECT count(*) AS n FROM ${from}`)?.n);
  const arms = db.all(`SELECT arm, count(*) AS n FROM ${trials} GROUP BY arm ORDER BY arm`);
  const statuses = new Map(
    db
      .all(`SELECT status, count(*) AS n FROM ${judged} GROUP BY status`)
      .map(({ status, n }) => [String(status), Number(n)]),
  );
  const judgements: Record<JudgementStatus, number> = {
    scored: 0,
    "no-attempt": 0,
    empty: 0,
    refused: 0,
    unparsable: 0,
    failed: 0,
  };
  for (const status of JUDGEMENT_STATUSES) {
    judgements[status] = statuses.get(status) ?? 0;
  }
  return {
    latents: count("latents"),
    thresholds: count("thresholds"),
    thresholdSamples: count("threshold_samples"),
    trials: count(trials),
    errored: count(`${trials} WHERE ${failed}`),
    degraded: count(`${trials} WHERE degraded = 1`),
    trialsByArm: Object.fromEntries(arms.map(({ arm, n }) => [String(arm), Number(n)])),
    judgements,
  };
}

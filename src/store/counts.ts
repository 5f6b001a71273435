/** Row counts for progress lines and for deciding what is left to do. */
import type { Database } from "./database.ts";
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
  const count = (from: string): number => Number(db.get(`SELECT count(*) AS n FROM ${from}`)?.n);
  const arms = db.all("SELECT arm, count(*) AS n FROM trials GROUP BY arm ORDER BY arm");
  const judgements: Record<JudgementStatus, number> = {
    scored: 0,
    "no-attempt": 0,
    empty: 0,
    refused: 0,
    unparsable: 0,
    failed: 0,
  };
  for (const status of JUDGEMENT_STATUSES) {
    judgements[status] = count(`judgements WHERE status = '${status}'`);
  }
  return {
    latents: count("latents"),
    thresholds: count("thresholds"),
    thresholdSamples: count("threshold_samples"),
    trials: count("trials"),
    errored: count("trials WHERE error <> 'null'"),
    degraded: count("trials WHERE degraded = 1"),
    trialsByArm: Object.fromEntries(arms.map(({ arm, n }) => [String(arm), Number(n)])),
    judgements,
  };
}

/**
 * What statistics and tables need of a trial and of a judgement, in a few bytes: all else of a row (texts, tokens, receipts, curves) is a hundred
 * times as much to read. Facts are derived from the records here and nowhere else.
 */
import { endScores } from "../stats/rates.ts";
import type { JudgementRecord, TrialRecord } from "./records.ts";

export interface TrialFact
  extends Pick<
    TrialRecord,
    "key" | "arm" | "unit" | "latent" | "strength" | "promptIndex" | "degraded" | "finish"
  > {
  /** There is no response. */
  failed: boolean;
  /** Of the response. */
  tokens: number;
  /** Of the receipt; null without steering. */
  meanDose: number | null;
}

export interface JudgementFact extends Pick<JudgementRecord, "status"> {
  /** Of every attempt in order: UTF-16 units, and the score or null. */
  sizes: [length: number, score: number | null][];
  /** Attempts with a score, and the first and last of these scores; null without one. */
  scored: number;
  first: number | null;
  last: number | null;
  /** UTF-16 units of the attempts that these are the scores of; 0 without one. */
  firstLength: number;
  lastLength: number;
  /** Whether an implicit recovery was found; null where the judge did not look for one. */
  recovered: boolean | null;
}

export function trialFactOf(trial: TrialRecord): TrialFact {
  const { key, arm, unit, latent, strength, promptIndex, degraded, finish, tokens, receipt, error } = trial;
  return {
    key,
    arm,
    unit,
    latent,
    strength,
    promptIndex,
    degraded,
    finish,
    failed: error !== null,
    tokens: tokens.length,
    meanDose: receipt?.meanDose ?? null,
  };
}

export function judgementFactOf({ status, attempts, detail }: JudgementRecord): JudgementFact {
  const scored = attempts.flatMap(({ start, end, score }) =>
    score === null ? [] : [{ length: end - start }],
  );
  const ends = endScores({ status: "judged", scores: attempts.map(({ score }) => score) });
  return {
    status,
    sizes: attempts.map(({ start, end, score }) => [end - start, score]),
    scored: ends?.attempts ?? 0,
    first: ends?.first ?? null,
    last: ends?.last ?? null,
    firstLength: scored[0]?.length ?? 0,
    lastLength: scored.at(-1)?.length ?? 0,
    recovered:
      typeof detail.recoveryStatistic === "number" ? typeof detail.implicitRecoveryAt === "number" : null,
  };
}

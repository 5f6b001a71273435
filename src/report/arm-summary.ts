/** One arm in numbers, every rate with its denominator (DESIGN.md, invariant 10). */
import { clusterBootstrap } from "../stats/cluster-bootstrap.ts";
import { type ClusterInterval, clusterLogit } from "../stats/cluster-logit.ts";
import { endRates, rateColumns } from "../stats/end-columns.ts";
import { RATE_BOUNDS, type RateName } from "../stats/rate-observations.ts";
import type { Rate } from "../stats/rates.ts";
import type { BootstrapInterval } from "../stats/replicates.ts";
import type { JudgementStatus } from "../store/records.ts";
import type { JudgedTrial } from "../store/run-store.ts";
import { type Example, exampleOf } from "./example.ts";
import { type Robustness, robustnessOf } from "./robustness.ts";
import type { TrialSet } from "./trial-set.ts";

export interface ArmCounts {
  /** Stored trials = generated + errored. */
  trials: number;
  errored: number;
  /** Trials with a response = judged + unjudged. */
  generated: number;
  unjudged: number;
  /** Trials that the judge was run on = scored + noAttempt + refused + empty + unparsable + failed. */
  judged: number;
  /** N: at least one scored attempt. */
  scored: number;
  noAttempt: number;
  refused: number;
  empty: number;
  unparsable: number;
  failed: number;
  /** Of the generated, whatever their judgement. */
  degraded: number;
  /** Scored trials that enter no rate because they are degraded and that was asked for. */
  excluded: number;
  /** M: at least two scored attempts. */
  multiAttempt: number;
  /** I: multi-attempt and last > first + margin. */
  improved: number;
  worsened: number;
}

export interface RateSummary {
  successes: number;
  n: number;
  /** null when n is 0. */
  estimate: number | null;
  /** As if trials were independent. */
  wilson: Rate;
  /** With the variance between latents. */
  byLatent: ClusterInterval;
  /** With the variance between latents and between prompts, for the same prompts recur in all latents. */
  byLatentAndPrompt: ClusterInterval;
}

export interface ArmSummary {
  arm: string;
  counts: ArmCounts;
  /** Latents (prompts, where the arm has none) among the trials that enter the rates. */
  clusters: number;
  /** Mean score of the first attempt over N, 0-100. */
  firstScore: BootstrapInterval;
  multiAttempt: RateSummary;
  esr: RateSummary;
  /** I / M. */
  improvement: RateSummary;
  /** What the rate of success hangs on. */
  robustness: Robustness;
  /** Mean over receipts of `||h' - h|| / ||h||`; null where no trial was steered. */
  dose: { mean: number | null; n: number };
  example: Example | null;
}

export interface ArmSummaryOptions {
  arm: string;
  trials: TrialSet;
  margin: number;
  level: number;
  excludeDegraded: boolean;
  replicates: number;
  /** Reads the trial that is shown as an example. @default no example */
  read?: (key: string) => JudgedTrial | null;
}

export function summariseArm(options: ArmSummaryOptions): ArmSummary {
  const { arm, trials, margin, level, excludeDegraded, replicates, read } = options;
  const ends = trials.ends({ excludeDegraded });
  const rates = endRates({ ends, margin, level });
  const { multiAttempt, improved, worsened } = rates;
  const counts = countsOf(trials);
  const observed = (rate: RateName) => rateColumns({ ends, rate, margin });
  const rateSummary = (wilson: Rate, name: RateName): RateSummary => {
    const observations = observed(name);
    return {
      successes: wilson.successes,
      n: wilson.n,
      estimate: wilson.estimate,
      wilson,
      byLatent: clusterLogit({ observations, level }),
      byLatentAndPrompt: clusterLogit({ observations, level, twoWay: true }),
    };
  };
  const firstScore = clusterBootstrap({
    observations: observed("first-score"),
    bounds: RATE_BOUNDS["first-score"],
    level,
    replicates,
    interval: "bca",
  });
  return {
    arm,
    counts: { ...counts, excluded: counts.scored - rates.judged, multiAttempt, improved, worsened },
    clusters: firstScore.clusters,
    firstScore,
    multiAttempt: rateSummary(rates.multiAttemptRate, "multi-attempt"),
    esr: rateSummary(rates.esrRate, "esr"),
    improvement: rateSummary(rates.improvementRate, "improvement"),
    robustness: robustnessOf({ trials, ends, margin, excludeDegraded }),
    dose: doseOf(trials),
    example: read === undefined ? null : exampleOf({ trials, margin, read }),
  };
}

function doseOf({ facts, places }: TrialSet): ArmSummary["dose"] {
  let sum = 0;
  let n = 0;
  for (const at of places) {
    const dose = facts.meanDose[at] ?? Number.NaN;
    if (Number.isNaN(dose)) continue;
    sum += dose;
    n += 1;
  }
  return { mean: n === 0 ? null : sum / n, n };
}

function countsOf({
  facts,
  places,
}: TrialSet): Omit<ArmCounts, "multiAttempt" | "improved" | "worsened" | "excluded"> {
  const statuses: Record<JudgementStatus, number> = {
    scored: 0,
    "no-attempt": 0,
    empty: 0,
    refused: 0,
    unparsable: 0,
    failed: 0,
  };
  let errored = 0;
  let unjudged = 0;
  let degraded = 0;
  for (const at of places) {
    if (facts.failed[at] === 1) {
      errored += 1;
      continue;
    }
    degraded += facts.degraded[at] ?? 0;
    const status = facts.status[at] ?? null;
    if (status === null) unjudged += 1;
    else statuses[status] += 1;
  }
  const generated = places.length - errored;
  return {
    trials: places.length,
    errored,
    generated,
    unjudged,
    judged: generated - unjudged,
    scored: statuses.scored,
    noAttempt: statuses["no-attempt"],
    refused: statuses.refused,
    empty: statuses.empty,
    unparsable: statuses.unparsable,
    failed: statuses.failed,
    degraded,
  };
}

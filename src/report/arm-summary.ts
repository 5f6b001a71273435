/** One arm in numbers, every rate with its denominator (DESIGN.md, invariant 10). */
import { clusterBootstrap } from "../stats/cluster-bootstrap.ts";
import { type ClusterInterval, clusterLogit } from "../stats/cluster-logit.ts";
import { RATE_BOUNDS, type RateName, rateObservations } from "../stats/rate-observations.ts";
import { computeRates, type Rate } from "../stats/rates.ts";
import type { BootstrapInterval } from "../stats/replicates.ts";
import { JUDGEMENT_STATUSES, type JudgementStatus } from "../store/records.ts";
import { type Example, exampleOf } from "./example.ts";
import type { TrialFacts } from "./outcomes.ts";
import { type Robustness, robustnessOf } from "./robustness.ts";

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
  trials: readonly TrialFacts[];
  margin: number;
  level: number;
  excludeDegraded: boolean;
  replicates: number;
}

export function summariseArm(options: ArmSummaryOptions): ArmSummary {
  const { arm, trials, margin, level, excludeDegraded, replicates } = options;
  const outcomes = trials.map(({ outcome }) => outcome);
  const rates = computeRates({ outcomes, margin, level, excludeDegraded });
  const { multiAttempt, improved, worsened } = rates.counts;
  const counts = countsOf(trials);
  const observed = (rate: RateName) => rateObservations({ outcomes, rate, margin, excludeDegraded });
  const rateSummary = (wilson: Rate, name: RateName): RateSummary => ({
    successes: wilson.successes,
    n: wilson.n,
    estimate: wilson.estimate,
    wilson,
    byLatent: clusterLogit({ observations: observed(name), level }),
    byLatentAndPrompt: clusterLogit({ observations: observed(name), level, twoWay: true }),
  });
  const doses = trials.flatMap(({ row }) => row.trial.receipt?.meanDose ?? []);
  const firstScore = clusterBootstrap({
    observations: observed("first-score"),
    bounds: RATE_BOUNDS["first-score"],
    level,
    replicates,
    interval: "bca",
  });
  return {
    arm,
    counts: { ...counts, excluded: counts.scored - rates.counts.judged, multiAttempt, improved, worsened },
    clusters: firstScore.clusters,
    firstScore,
    multiAttempt: rateSummary(rates.multiAttemptRate, "multi-attempt"),
    esr: rateSummary(rates.esrRate, "esr"),
    improvement: rateSummary(rates.improvementRate, "improvement"),
    robustness: robustnessOf({ trials, margin, excludeDegraded }),
    dose: {
      mean: doses.length === 0 ? null : doses.reduce((sum, dose) => sum + dose, 0) / doses.length,
      n: doses.length,
    },
    example: exampleOf({ trials, margin }),
  };
}

function countsOf(
  trials: readonly TrialFacts[],
): Omit<ArmCounts, "multiAttempt" | "improved" | "worsened" | "excluded"> {
  const generated = trials.filter(({ row }) => row.trial.error === null);
  const status = (wanted: JudgementStatus) =>
    generated.filter(({ row }) => row.judgement?.status === wanted).length;
  const judged = JUDGEMENT_STATUSES.reduce((sum, each) => sum + status(each), 0);
  return {
    trials: trials.length,
    errored: trials.length - generated.length,
    generated: generated.length,
    unjudged: generated.length - judged,
    judged,
    scored: status("scored"),
    noAttempt: status("no-attempt"),
    refused: status("refused"),
    empty: status("empty"),
    unparsable: status("unparsable"),
    failed: status("failed"),
    degraded: generated.filter(({ row }) => row.trial.degraded).length,
  };
}

/**
 * The rates of METHOD.md 1.1-1.3 with every denominator. A judge failure is not a score: refused, empty, unscored, unparsable and errored
 * outcomes are counts of their own and enter no rate.
 */
import { type MeanSummary, summarizeMean } from "./mean.ts";
import { type ProportionInterval, wilson } from "./wilson.ts";

/** First and last score of a trial that enters N, and all of its scores. */
export interface EndScores {
  first: number;
  last: number;
  attempts: number;
  scores: readonly number[];
}

/** What became of one generated trial. */
export type JudgedOutcome =
  /** Scores of the attempts in order, 0-100; null where the judge gave none. */
  | {
      status: "judged";
      scores: readonly (number | null)[];
      /** `endScores` of this outcome, where it is known already: statistics of many trials ask for it again and again. */
      ends?: EndScores | null;
    }
  /** The judge refused, gave something unreadable, failed, or the trial itself failed. */
  | { status: "refused" | "unparsable" | "errored" };

export type TrialOutcome = JudgedOutcome & {
  /** `isDegraded` of the response; kept in the rates unless excluded. */
  degraded?: boolean;
};

export interface RatesOptions {
  outcomes: readonly TrialOutcome[];
  /** Success is last > first + margin. In score points. @default 0 */
  margin?: number;
  /** Leave degraded responses out of every rate. @default false */
  excludeDegraded?: boolean;
  /** Of the Wilson intervals. @default 0.95 */
  level?: number;
}

/** generated = judged + refused + empty + unscored + unparsable + errored + excluded. */
export interface RateCounts {
  generated: number;
  /** N: at least one scored attempt. */
  judged: number;
  refused: number;
  /** Judged as holding no attempt at all. */
  empty: number;
  /** Attempts found, none scored. */
  unscored: number;
  unparsable: number;
  errored: number;
  /** Degraded responses among the generated, whatever their judgement. */
  degraded: number;
  /** Left out by `excludeDegraded`. */
  excluded: number;
  /** M: at least two scored attempts. */
  multiAttempt: number;
  /** I: multi-attempt and last > first + margin. */
  improved: number;
  /** Multi-attempt with last < first - margin; the rest of M is unchanged. */
  worsened: number;
}

export interface Rate extends ProportionInterval {
  successes: number;
  /** Wald standard error sqrt(p (1 - p) / n), as the paper reports it (METHOD.md 1.4); null at n = 0. */
  standardError: number | null;
}

export interface Rates {
  counts: RateCounts;
  margin: number;
  /** M / N. */
  multiAttemptRate: Rate;
  /** I / M; without a value when M = 0 (the paper prints 0). */
  improvementRate: Rate;
  /** I / N. */
  esrRate: Rate;
  /** Mean of last - first over the M. */
  conditionalImprovement: MeanSummary;
  /** The same over the N, single attempts count 0. */
  unconditionalImprovement: MeanSummary;
  /** Over the N. */
  firstScore: MeanSummary;
  lastScore: MeanSummary;
}

/** First and last score of a trial that enters N, else null. The last score is the last, not the best. */
export function endScores(outcome: TrialOutcome): EndScores | null {
  if (outcome.status !== "judged") {
    return null;
  }
  if (outcome.ends !== undefined) {
    return outcome.ends;
  }
  const scores = outcome.scores.filter((score) => score !== null);
  const first = scores[0];
  const last = scores.at(-1);
  return first === undefined || last === undefined ? null : { first, last, attempts: scores.length, scores };
}

/** A share with its interval. */
export function rateOf(successes: number, n: number, level: number): Rate {
  const interval = wilson({ successes, n, level });
  const p = interval.estimate;
  return { ...interval, successes, standardError: p === null ? null : Math.sqrt((p * (1 - p)) / n) };
}

export function computeRates(options: RatesOptions): Rates {
  const { outcomes, margin = 0, excludeDegraded = false, level = 0.95 } = options;
  assertMargin(margin);
  const failures = { refused: 0, unparsable: 0, errored: 0, empty: 0, unscored: 0, excluded: 0 };
  let degraded = 0;
  const ends: EndScores[] = [];
  for (const outcome of outcomes) {
    degraded += Number(outcome.degraded === true);
    const scored = endScores(outcome);
    if (excludeDegraded && outcome.degraded === true) {
      failures.excluded += 1;
    } else if (outcome.status !== "judged") {
      failures[outcome.status] += 1;
    } else if (scored === null) {
      failures[outcome.scores.length === 0 ? "empty" : "unscored"] += 1;
    } else {
      ends.push(scored);
    }
  }
  const multi = ends.filter((end) => end.attempts >= 2);
  const improved = multi.filter((end) => end.last - end.first > margin).length;
  const counts: RateCounts = {
    ...failures,
    generated: outcomes.length,
    judged: ends.length,
    degraded,
    multiAttempt: multi.length,
    improved,
    worsened: multi.filter((end) => end.first - end.last > margin).length,
  };
  return {
    counts,
    margin,
    multiAttemptRate: rateOf(multi.length, ends.length, level),
    improvementRate: rateOf(improved, multi.length, level),
    esrRate: rateOf(improved, ends.length, level),
    conditionalImprovement: summarizeMean(multi.map((end) => end.last - end.first)),
    // a single attempt is its own first and last, so its difference is 0
    unconditionalImprovement: summarizeMean(ends.map((end) => end.last - end.first)),
    firstScore: summarizeMean(ends.map((end) => end.first)),
    lastScore: summarizeMean(ends.map((end) => end.last)),
  };
}

/** ESR and improvement rate at each margin: how much of a finding hangs on tiny improvements. */
export function marginSensitivity(
  options: Omit<RatesOptions, "margin"> & { margins: readonly number[] },
): { margin: number; improved: number; esrRate: Rate; improvementRate: Rate }[] {
  const { margins, ...rest } = options;
  return margins.map((margin) => {
    const { counts, esrRate, improvementRate } = computeRates({ ...rest, margin });
    return { margin, improved: counts.improved, esrRate, improvementRate };
  });
}

export function assertMargin(margin: number): void {
  if (!(margin >= 0)) {
    throw new RangeError(`a success margin is at least 0, got ${margin}`);
  }
}

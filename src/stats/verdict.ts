/**
 * What a comparison of two rates allows to be said: a direction, no difference beyond a stated margin, or that it can't tell and how
 * many trials would (DESIGN.md 8). "Not significant" is never "no difference".
 */
import type { Interval } from "./interval.ts";
import { trialsNeeded } from "./power.ts";

export interface VerdictOptions {
  /** Interval of treatment - reference. */
  difference: Interval;
  /**
   * The same at a level of 1 - 2 (1 - level), 0.90 beside 0.95: both one-sided tests of equivalence at 5 % (Schuirmann 1987). Without it
   * equivalence is judged by `difference`, which is stricter.
   */
  narrower?: Interval;
  referenceRate: number | null;
  treatmentRate: number | null;
  /** Trials an arm that the comparison has. */
  perArm: number;
  /** Smaller differences don't matter: the margin of equivalence, and what trials are planned for. @default 0.01 */
  smallestDifference?: number;
  /** @default 0 */
  icc?: number;
  /** @default 1 */
  clusterSize?: number;
}

export interface Verdict {
  verdict: "higher" | "lower" | "equivalent" | "cannot-tell";
  /** Trials an arm, for 80 % power at the observed difference or the smallest one worth finding; null unless it can't tell. */
  needed: number | null;
  text: string;
}

export function verdictOf(options: VerdictOptions): Verdict {
  const { difference, referenceRate, treatmentRate, perArm, smallestDifference = 0.01 } = options;
  const { lower, upper } = difference;
  if (lower !== null && lower > 0) {
    return { verdict: "higher", needed: null, text: "higher" };
  }
  if (upper !== null && upper < 0) {
    return { verdict: "lower", needed: null, text: "lower" };
  }
  if (referenceRate === null || treatmentRate === null) {
    return { verdict: "cannot-tell", needed: null, text: "cannot tell: an arm has no trials that count" };
  }
  const { narrower = difference } = options;
  const within =
    narrower.lower !== null &&
    narrower.upper !== null &&
    narrower.lower > -smallestDifference &&
    narrower.upper < smallestDifference;
  if (within) {
    const margin = Number((100 * smallestDifference).toPrecision(3));
    return { verdict: "equivalent", needed: null, text: `does not differ by as much as ${margin} points` };
  }
  const observed = treatmentRate - referenceRate;
  const size = Math.max(Math.abs(observed), smallestDifference);
  const target = referenceRate + (observed < 0 ? -size : size);
  const p2 = target > 1 || target < 0 ? referenceRate - (target - referenceRate) : target;
  const { icc = 0, clusterSize = 1 } = options;
  const { perArm: exact } = trialsNeeded({ p1: referenceRate, p2, icc, clusterSize });
  // the power of a difference that the interval can't exclude 0 from may be met by chance; never ask for less than there is
  const needed = exact === null ? null : Math.max(Math.ceil(exact), perArm + 1);
  return {
    verdict: "cannot-tell",
    needed,
    text: `cannot tell at this n (${perArm} an arm)${needed === null ? "" : `; needs about ${needed} an arm`}`,
  };
}

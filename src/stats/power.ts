/**
 * How many trials a comparison of two proportions needs: the two-sided normal test of arcsine-transformed proportions (Cohen 1988, h),
 * times the design effect of clustered trials.
 */
import { criticalValue, normalCdf } from "./normal.ts";

/** Cohen's h, the effect size of two proportions. */
export function cohenH({ p1, p2 }: { p1: number; p2: number }): number {
  return 2 * (Math.asin(Math.sqrt(p1)) - Math.asin(Math.sqrt(p2)));
}

/** Kish's design effect, at least 1; a negative icc counts as 0. */
export function designEffectOf({ icc, clusterSize }: { icc: number; clusterSize: number }): number {
  return 1 + Math.max(0, clusterSize - 1) * Math.max(0, icc);
}

export interface PowerOptions {
  p1: number;
  p2: number;
  /** Trials an arm. */
  perArm: number;
  /** Two-sided. @default 0.05 */
  alpha?: number;
  /** Intra-cluster correlation. @default 0 */
  icc?: number;
  /** Trials a cluster (a latent) and arm. @default 1 */
  clusterSize?: number;
}

/** The chance to find the difference. */
export function powerTwoProportions(options: PowerOptions): number {
  const { p1, p2, perArm, alpha = 0.05, icc = 0, clusterSize = 1 } = options;
  const shift = Math.abs(cohenH({ p1, p2 })) * Math.sqrt(perArm / designEffectOf({ icc, clusterSize }) / 2);
  const z = criticalValue(1 - alpha);
  return normalCdf(shift - z) + normalCdf(-shift - z);
}

export interface TrialsNeededOptions extends Omit<PowerOptions, "perArm"> {
  /** @default 0.8 */
  power?: number;
}

export interface TrialsNeeded {
  /** Not rounded; null when p1 = p2, which no number of trials can tell apart. */
  perArm: number | null;
  /** Latents an arm, rounded up. */
  clustersPerArm: number | null;
  designEffect: number;
}

/** For unpaired arms; paired arms need fewer, so this errs on the safe side. */
export function trialsNeeded(options: TrialsNeededOptions): TrialsNeeded {
  const { p1, p2, alpha = 0.05, icc = 0, clusterSize = 1, power = 0.8 } = options;
  if (
    ![p1, p2].every((p) => p >= 0 && p <= 1) ||
    !(power > alpha && power < 1) ||
    !(alpha > 0 && alpha < 1)
  ) {
    throw new RangeError(
      `power needs proportions in [0, 1] and alpha < power < 1, got ${JSON.stringify(options)}`,
    );
  }
  const designEffect = designEffectOf({ icc, clusterSize });
  if (p1 === p2) {
    return { perArm: null, clustersPerArm: null, designEffect };
  }
  const reached = (perArm: number): number => powerTwoProportions({ p1, p2, perArm, alpha });
  let upper = 1;
  while (reached(upper) < power) {
    upper *= 2;
  }
  let lower = 0;
  for (let i = 0; i < 100; i++) {
    const middle = (lower + upper) / 2;
    if (reached(middle) < power) {
      lower = middle;
    } else {
      upper = middle;
    }
  }
  const perArm = upper * designEffect;
  return { perArm, clustersPerArm: Math.ceil(perArm / clusterSize), designEffect };
}

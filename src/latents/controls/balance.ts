/** How alike controls and detectors are, as matched studies report it (Austin 2011). */
import { summarizeMean } from "../../stats/mean.ts";
import type { FeatureSpace } from "./feature-space.ts";
import type { ControlPair } from "./match-controls.ts";

/**
 * Standardised mean differences, detectors less controls, in log frequency and log mean when active. The unit is the root of the mean of both
 * groups' variances before matching, so that before and after compare. Below 0.1 counts as balanced; null where there is nothing to compare.
 */
export interface Balance {
  logFrequency: number | null;
  logMeanActive: number | null;
  /** Pairs, or candidates before matching, that it is taken over: those that fire. */
  n: number;
}

export interface BalanceOfOptions {
  space: FeatureSpace;
  /** Those that fire. */
  detectors: readonly number[];
  /** Candidates before matching. */
  pool: readonly number[];
  /** Null: compare the detectors with the whole pool. */
  controls: readonly ControlPair[] | null;
}

export function balanceOf({ space, detectors, pool, controls }: BalanceOfOptions): Balance {
  const both =
    controls?.filter(
      ({ detector, control }) => space.point(detector) !== null && space.point(control) !== null,
    ) ?? null;
  const left = both?.map(({ detector }) => detector) ?? detectors;
  const right = both?.map(({ control }) => control) ?? pool;
  const difference = (axis: 0 | 1): number | null => {
    const along = (latents: readonly number[]) =>
      summarizeMean(latents.map((latent) => space.point(latent)?.[axis] ?? 0));
    const variances = [along(detectors).variance ?? 0, along(pool).variance ?? 0];
    const unit = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / 2);
    const [a, b] = [along(left).mean, along(right).mean];
    return a === null || b === null || unit === 0 ? null : (a - b) / unit;
  };
  return { logFrequency: difference(0), logMeanActive: difference(1), n: right.length };
}

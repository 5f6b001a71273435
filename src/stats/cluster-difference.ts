/**
 * The difference of two paired arms' rates, with Student's t over the latents' own differences. It resamples nothing and needs no
 * assumption about how the trials of a latent hang together.
 */
import { clusterVariance } from "./cluster-variance.ts";
import { columnsOf, type Observations, sumOf } from "./clusters.ts";
import { assertLevel, type Interval } from "./interval.ts";
import { studentCritical } from "./student-t.ts";

export interface ClusterDifferenceOptions {
  /** One a pair: numerator is treatment less reference, denominator 1. */
  pairs: Observations;
  /** @default false */
  twoWay?: boolean;
  /** @default 0.95 */
  level?: number;
}

/** Null bounds with fewer than two latents, or where no latent differs: such data say nothing about how large a difference may be. */
export function clusterDifference(options: ClusterDifferenceOptions): Interval & { clusters: number } {
  const { twoWay = false, level = 0.95 } = options;
  assertLevel(level);
  const pairs = columnsOf(options.pairs);
  const count = pairs.numerator.length;
  if (count === 0) {
    return { estimate: null, lower: null, upper: null, level, method: "no-data", clusters: 0 };
  }
  const estimate = sumOf(pairs.numerator) / count;
  const { variance, clusters } = clusterVariance({ observations: pairs, twoWay });
  if (variance === null || variance === 0) {
    return { estimate, lower: null, upper: null, level, method: "undetermined", clusters };
  }
  const half = studentCritical({ level, df: clusters - 1 }) * Math.sqrt(variance);
  return {
    estimate,
    lower: Math.max(-1, estimate - half),
    upper: Math.min(1, estimate + half),
    level,
    method: "cluster-t",
    clusters,
  };
}

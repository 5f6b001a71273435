/**
 * From bootstrap replicates to an interval that can't mislead.
 * A percentile interval collapses to zero width when all resamples agree (a rate of 0 or 1, a single cluster). Then the rule is: a score
 * interval whose sample size is the number of clusters (as if each cluster were one trial, the worst case of clustering), or
 * sum(denominator) / designEffect when the caller knows the design effect from other data. It needs the statistic's bounds.
 */
import { assertLevel, type Interval } from "./interval.ts";
import { normalCdf, normalInverse } from "./normal.ts";
import { quantileSorted } from "./quantile.ts";
import { wilson } from "./wilson.ts";

export interface BootstrapOptions {
  /** @default 2000 */
  replicates?: number;
  /** @default 0 */
  seed?: number;
  /** @default 0.95 */
  level?: number;
  /** The values that the statistic can take, for the fallback; null when it has none. @default { lower: 0, upper: 1 } */
  bounds?: { lower: number; upper: number } | null;
  /** Design effect known from elsewhere, for the fallback. Without it the sample size is the number of clusters. */
  designEffect?: number;
}

export interface BootstrapInterval extends Interval {
  /** Sum of denominators: the count behind a rate. */
  n: number;
  /** Clusters with a denominator above 0. Percentile intervals are too narrow below about ten. */
  clusters: number;
  /** The same of the crossed factor; null for a one-way bootstrap. */
  crossClusters: number | null;
  replicates: number;
  /** Replicates whose denominator was 0; they are left out. */
  undefinedReplicates: number;
}

export interface ReplicateFacts {
  estimate: number | null;
  n: number;
  clusters: number;
  crossClusters: number | null;
  /** One a replicate; NaN where the statistic was undefined. */
  values: Float64Array;
  /** Leave-one-cluster-out estimates; given, the interval is BCa (Efron 1987). */
  jackknife?: readonly number[];
}

const UNIT = { lower: 0, upper: 1 };

export function assertReplicates(replicates: number): void {
  if (!(Number.isInteger(replicates) && replicates >= 1)) {
    throw new RangeError(`a bootstrap needs a whole number of replicates, at least 1, got ${replicates}`);
  }
}

/** The two cumulative probabilities at which to cut the replicates; null when BCa's correction is undefined. */
function bcaCuts(
  sorted: Float64Array,
  estimate: number,
  jackknife: readonly number[],
  level: number,
): [number, number] | null {
  const below = sorted.reduce((sum, v) => sum + (v < estimate ? 1 : v === estimate ? 0.5 : 0), 0);
  const bias = normalInverse(below / sorted.length);
  const defined = jackknife.filter((v) => !Number.isNaN(v));
  const mean = defined.reduce((sum, v) => sum + v, 0) / defined.length;
  const squares = defined.reduce((sum, v) => sum + (mean - v) ** 2, 0);
  const cubes = defined.reduce((sum, v) => sum + (mean - v) ** 3, 0);
  const acceleration = cubes / (6 * squares ** 1.5);
  if (!(Number.isFinite(bias) && Number.isFinite(acceleration))) {
    return null;
  }
  const cut = (z: number): number => normalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  const z = normalInverse(0.5 + level / 2);
  return [cut(-z), cut(z)];
}

function fallback(facts: ReplicateFacts, options: BootstrapOptions): Interval {
  const { estimate, n, clusters, crossClusters } = facts;
  const { level = 0.95, bounds = UNIT, designEffect } = options;
  if (estimate === null || bounds === null) {
    const method = estimate === null ? "no-data" : "undetermined";
    return { estimate, lower: bounds?.lower ?? null, upper: bounds?.upper ?? null, level, method };
  }
  const size = designEffect === undefined ? Math.min(clusters, crossClusters ?? clusters) : n / designEffect;
  const span = bounds.upper - bounds.lower;
  // a bounded variable varies at most as much as a coin of the same mean, so Wilson on the unit scale is safe
  const share = Math.min(1, Math.max(0, (estimate - bounds.lower) / span));
  const unit = wilson({ successes: share * size, n: size, level });
  return {
    estimate,
    lower: bounds.lower + span * unit.lower,
    upper: bounds.lower + span * unit.upper,
    level,
    method: designEffect === undefined ? "score-clusters" : "score-design-effect",
  };
}

/** Sorted defined values and their percentile cut at the level; null when they are all the same or none is defined. */
export function percentileBounds(
  values: Float64Array,
  level: number,
): { sorted: Float64Array; lower: number; upper: number } | null {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  const lower = quantileSorted(sorted, (1 - level) / 2);
  const upper = quantileSorted(sorted, (1 + level) / 2);
  // sums of equal rates differ in the last digits, which must not pass for a width
  const width = upper - lower;
  return width > 1e-12 * Math.max(1, Math.abs(lower), Math.abs(upper)) ? { sorted, lower, upper } : null;
}

export function intervalOfReplicates(facts: ReplicateFacts, options: BootstrapOptions): BootstrapInterval {
  const { level = 0.95 } = options;
  assertLevel(level);
  const { estimate, n, clusters, crossClusters, values, jackknife } = facts;
  const { bounds = UNIT } = options;
  if (estimate !== null && bounds !== null && !(estimate >= bounds.lower && estimate <= bounds.upper)) {
    throw new RangeError(
      `the estimate ${estimate} lies outside its bounds [${bounds.lower}, ${bounds.upper}]; give the statistic's own bounds, or null`,
    );
  }
  const cut = estimate === null ? null : percentileBounds(values, level);
  const counts = {
    n,
    clusters,
    crossClusters,
    replicates: values.length,
    undefinedReplicates: values.reduce((sum, v) => sum + Number(Number.isNaN(v)), 0),
  };
  if (estimate === null || cut === null) {
    return { ...fallback(facts, options), ...counts };
  }
  const cuts = jackknife === undefined ? null : bcaCuts(cut.sorted, estimate, jackknife, level);
  if (cuts !== null) {
    const lower = quantileSorted(cut.sorted, cuts[0]);
    const upper = quantileSorted(cut.sorted, cuts[1]);
    if (lower < upper) {
      return { estimate, lower, upper, level, method: "bca", ...counts };
    }
  }
  return { estimate, lower: cut.lower, upper: cut.upper, level, method: "percentile", ...counts };
}

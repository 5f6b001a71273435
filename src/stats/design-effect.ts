/**
 * How much clustering costs. Intra-cluster correlation by one-way ANOVA with unequal cluster sizes (Donner 1986);
 * design effect 1 + (m - 1) icc with the size-weighted mean cluster size m (Kish 1965).
 */
import { columnsOf, type RatioColumns } from "./clusters.ts";

export interface DesignEffectOptions {
  /** Or columns with the values as numerators. */
  observations: readonly { value: number; cluster: string | number }[] | RatioColumns;
}

export interface DesignEffect {
  /** Null when it can't be estimated: fewer than two clusters, all clusters of size one, or all values equal. May be negative. */
  icc: number | null;
  /** At least 1 (a negative icc counts as 0); 1 when all clusters have size one; null when the icc is unknown. */
  designEffect: number | null;
  /** n / designEffect. */
  effectiveN: number | null;
  n: number;
  clusters: number;
  /** Sum of squared sizes over n. */
  meanClusterSize: number | null;
}

export function designEffect({ observations }: DesignEffectOptions): DesignEffect {
  const { numerator, cluster, ids } =
    "numerator" in observations
      ? observations
      : columnsOf(observations.map(({ value, ...id }) => ({ ...id, numerator: value, denominator: 1 })));
  const list = ids.map(() => ({ size: 0, sum: 0 }));
  for (let i = 0; i < cluster.length; i++) {
    const group = list[cluster[i] ?? -1];
    if (group === undefined) continue;
    group.size += 1;
    group.sum += numerator[i] ?? 0;
  }
  const n = numerator.length;
  const clusters = list.length;
  if (n === 0) {
    return { icc: null, designEffect: null, effectiveN: null, n, clusters, meanClusterSize: null };
  }
  const meanClusterSize = list.reduce((sum, group) => sum + group.size ** 2, 0) / n;
  if (clusters === n) {
    return { icc: null, designEffect: 1, effectiveN: n, n, clusters, meanClusterSize };
  }
  const unknown = { icc: null, designEffect: null, effectiveN: null, n, clusters, meanClusterSize };
  if (clusters < 2) {
    return unknown;
  }
  const mean = list.reduce((sum, group) => sum + group.sum, 0) / n;
  const between = list.reduce((sum, { size, sum: s }) => sum + size * (s / size - mean) ** 2, 0);
  const total = numerator.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (total === 0) {
    return unknown;
  }
  const betweenSquare = between / (clusters - 1);
  const withinSquare = Math.max(0, total - between) / (n - clusters);
  const size = (n - meanClusterSize) / (clusters - 1);
  const icc = (betweenSquare - withinSquare) / (betweenSquare + (size - 1) * withinSquare);
  const effect = Math.max(1, 1 + (meanClusterSize - 1) * icc);
  return { icc, designEffect: effect, effectiveN: n / effect, n, clusters, meanClusterSize };
}

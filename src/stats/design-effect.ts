/**
 * How much clustering costs. Intra-cluster correlation by one-way ANOVA with unequal cluster sizes (Donner 1986);
 * design effect 1 + (m - 1) icc with the size-weighted mean cluster size m (Kish 1965).
 */
export interface DesignEffectOptions {
  observations: readonly { value: number; cluster: string | number }[];
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
  const groups = new Map<string | number, { size: number; sum: number }>();
  for (const { value, cluster } of observations) {
    const group = groups.get(cluster) ?? { size: 0, sum: 0 };
    groups.set(cluster, { size: group.size + 1, sum: group.sum + value });
  }
  const n = observations.length;
  const clusters = groups.size;
  if (n === 0) {
    return { icc: null, designEffect: null, effectiveN: null, n, clusters, meanClusterSize: null };
  }
  const list = [...groups.values()];
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
  const total = observations.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
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

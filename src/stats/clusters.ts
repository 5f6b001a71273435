/** Grouping of observations for resampling. */
export type ClusterId = string | number;

/** One observation of a ratio statistic sum(numerator) / sum(denominator). For a mean, every denominator is 1. */
export interface RatioObservation {
  numerator: number;
  denominator: number;
  /** What is resampled: the latent. */
  cluster: ClusterId;
  /** The second, crossed factor: the prompt. Needed by the two-way bootstrap only. */
  crossCluster?: ClusterId;
}

/** Index 0... of each distinct id, in order of first appearance. */
export function indexIds(ids: Iterable<ClusterId>): Map<ClusterId, number> {
  const index = new Map<ClusterId, number>();
  for (const id of ids) {
    if (!index.has(id)) {
      index.set(id, index.size);
    }
  }
  return index;
}

/** Sums by cluster, `[clusters]`. */
export interface ClusterSums {
  numerator: Float64Array;
  denominator: Float64Array;
}

/** `index` may hold more clusters than the observations have: those stay 0. */
export function sumByCluster(
  observations: readonly RatioObservation[],
  index: ReadonlyMap<ClusterId, number>,
): ClusterSums {
  const numerator = new Float64Array(index.size);
  const denominator = new Float64Array(index.size);
  for (const observation of observations) {
    const at = index.get(observation.cluster);
    if (at === undefined) {
      throw new RangeError(`cluster ${observation.cluster} is not in the index`);
    }
    numerator[at] = (numerator[at] ?? 0) + observation.numerator;
    denominator[at] = (denominator[at] ?? 0) + observation.denominator;
  }
  return { numerator, denominator };
}

/** sum(numerator) / sum(denominator), null when the denominator is 0. */
export function ratioOf(observations: readonly RatioObservation[]): number | null {
  const denominator = observations.reduce((sum, o) => sum + o.denominator, 0);
  return denominator === 0 ? null : observations.reduce((sum, o) => sum + o.numerator, 0) / denominator;
}

/** Distinct ids among observations that weigh something: the sample size of last resort. */
export function informativeClusters(
  observations: readonly RatioObservation[],
  idOf: (observation: RatioObservation) => ClusterId,
): number {
  return new Set(observations.filter((o) => o.denominator !== 0).map(idOf)).size;
}

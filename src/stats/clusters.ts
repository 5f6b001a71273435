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

/** Observations in columns: what statistics of hundreds of thousands of trials are made of. */
export interface RatioColumns {
  numerator: Float64Array;
  denominator: Float64Array;
  /** Which of `ids` each observation's cluster is; these are in order of first appearance. */
  cluster: Int32Array;
  ids: readonly ClusterId[];
  /** The same of the crossed factor; null where observations have none. */
  crossCluster: Int32Array | null;
  crossIds: readonly ClusterId[];
}

export type Observations = readonly RatioObservation[] | RatioColumns;

export function columnsOf(observations: Observations): RatioColumns {
  if ("numerator" in observations) return observations;
  const index = indexIds(observations.map(({ cluster }) => cluster));
  const crossed = observations.flatMap(({ crossCluster }) => crossCluster ?? []);
  const crossIndex = indexIds(crossed);
  return {
    numerator: Float64Array.from(observations, ({ numerator }) => numerator),
    denominator: Float64Array.from(observations, ({ denominator }) => denominator),
    cluster: Int32Array.from(observations, ({ cluster }) => index.get(cluster) ?? -1),
    ids: [...index.keys()],
    crossCluster:
      crossed.length < observations.length
        ? null
        : Int32Array.from(crossed, (id) => crossIndex.get(id) ?? -1),
    crossIds: [...crossIndex.keys()],
  };
}

/** Sums by cluster, `[clusters]`. */
export interface ClusterSums {
  numerator: Float64Array;
  denominator: Float64Array;
}

/** `index` may hold more clusters than the observations have: those stay 0. */
export function sumByCluster(observations: Observations, index: ReadonlyMap<ClusterId, number>): ClusterSums {
  const columns = columnsOf(observations);
  const places = Int32Array.from(columns.ids, (id) => {
    const at = index.get(id);
    if (at === undefined) {
      throw new RangeError(`cluster ${id} is not in the index`);
    }
    return at;
  });
  const numerator = new Float64Array(index.size);
  const denominator = new Float64Array(index.size);
  for (let i = 0; i < columns.cluster.length; i++) {
    const at = places[columns.cluster[i] ?? -1] ?? -1;
    numerator[at] = (numerator[at] ?? 0) + (columns.numerator[i] ?? 0);
    denominator[at] = (denominator[at] ?? 0) + (columns.denominator[i] ?? 0);
  }
  return { numerator, denominator };
}

/** sum(numerator) / sum(denominator), null when the denominator is 0. */
export function ratioOf(observations: Observations): number | null {
  const { numerator, denominator } = columnsOf(observations);
  const bottom = sumOf(denominator);
  return bottom === 0 ? null : sumOf(numerator) / bottom;
}

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}

/** sum(numerator) / sum(denominator) of each cluster, in order of first appearance. */
export function clusterRatios(observations: Observations): number[] {
  const columns = columnsOf(observations);
  const { numerator, denominator } = sumByCluster(columns, indexIds(columns.ids));
  return Array.from(numerator, (sum, at) => sum / (denominator[at] ?? 1));
}

/** Distinct clusters, or crossed ones, among observations that weigh something: the sample size of last resort. */
export function informativeClusters(
  observations: Observations,
  factor: "cluster" | "crossCluster" = "cluster",
): number {
  const columns = columnsOf(observations);
  const own = factor === "cluster" ? columns.cluster : (columns.crossCluster ?? columns.cluster);
  const seen = new Set<number>();
  for (let i = 0; i < own.length; i++) {
    if (columns.denominator[i] !== 0) seen.add(own[i] ?? -1);
  }
  return seen.size;
}

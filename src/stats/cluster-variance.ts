/**
 * Variance of sum(numerator) / sum(denominator) when observations come in clusters: the linearised ratio estimator of survey sampling
 * (Cochran 1977, section 6), with the C / (C - 1) correction. With a second, crossed factor: one-way variances of both less that of their
 * intersection (Cameron, Gelbach and Miller 2011), but never below the larger of the one-way ones.
 */
import { columnsOf, type Observations, type RatioColumns, ratioOf } from "./clusters.ts";

export interface ClusterVariance {
  /** Null without observations or with a single cluster. */
  variance: number | null;
  /** Clusters of the factor that has fewer. */
  clusters: number;
}

/** Of the observations that weigh something, by the cluster of each: a number below `clusters`. */
function oneWay({
  columns: { numerator, denominator },
  ratio,
  clusterOf,
  clusters,
}: {
  columns: RatioColumns;
  ratio: number;
  clusterOf: (i: number) => number;
  clusters: number;
}): ClusterVariance {
  // in order of first appearance, so that sums come out the same however clusters are numbered
  const places = placesFor(clusters);
  const residuals: number[] = [];
  let total = 0;
  for (let i = 0; i < numerator.length; i++) {
    const weight = denominator[i] ?? 0;
    if (weight === 0) continue;
    const cluster = clusterOf(i);
    let at = places.get(cluster);
    if (at === undefined) {
      at = residuals.length;
      residuals.push(0);
      places.set(cluster, at);
    }
    residuals[at] = (residuals[at] ?? 0) + (numerator[i] ?? 0) - ratio * weight;
    total += weight;
  }
  const size = residuals.length;
  if (size < 2) return { variance: null, clusters: size };
  const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0);
  return { variance: ((size / (size - 1)) * squares) / (total * total), clusters: size };
}

/** Cells of a table that is still small enough to be an array. */
const MOST_CELLS = 1 << 20;

function placesFor(clusters: number): {
  get: (cluster: number) => number | undefined;
  set: (cluster: number, at: number) => void;
} {
  if (clusters > MOST_CELLS) return new Map<number, number>();
  const places = new Int32Array(clusters).fill(-1);
  return {
    get: (cluster) => {
      const at = places[cluster] ?? -1;
      return at < 0 ? undefined : at;
    },
    set: (cluster, at) => {
      places[cluster] = at;
    },
  };
}

/** @param twoWay by latent and prompt; every observation needs a `crossCluster`. @default false */
export function clusterVariance({
  observations,
  twoWay = false,
}: {
  observations: Observations;
  twoWay?: boolean;
}): ClusterVariance {
  const columns = columnsOf(observations);
  const ratio = ratioOf(columns);
  if (ratio === null) return { variance: null, clusters: 0 };
  const { cluster, crossCluster, ids, crossIds } = columns;
  const at = (factor: Int32Array) => (i: number) => factor[i] ?? -1;
  const byCluster = oneWay({ columns, ratio, clusterOf: at(cluster), clusters: ids.length });
  if (!twoWay) return byCluster;
  if (crossCluster === null) throw new RangeError("a two-way variance needs a crossCluster everywhere");
  const byCross = oneWay({ columns, ratio, clusterOf: at(crossCluster), clusters: crossIds.length });
  const both = oneWay({
    columns,
    ratio,
    clusterOf: (i) => (cluster[i] ?? -1) * crossIds.length + (crossCluster[i] ?? -1),
    clusters: ids.length * crossIds.length,
  });
  // a factor of one level can't be told to vary
  if (byCluster.variance === null) return byCross;
  if (byCross.variance === null) return byCluster;
  const clusters = Math.min(byCluster.clusters, byCross.clusters);
  const sum = byCluster.variance + byCross.variance - (both.variance ?? 0);
  return { variance: Math.max(sum, byCluster.variance, byCross.variance), clusters };
}

/**
 * Variance of sum(numerator) / sum(denominator) when observations come in clusters: the linearised ratio estimator of survey sampling
 * (Cochran 1977, section 6), with the C / (C - 1) correction. With a second, crossed factor: one-way variances of both less that of their
 * intersection (Cameron, Gelbach and Miller 2011), but never below the larger of the one-way ones.
 */
import { type ClusterId, indexIds, type RatioObservation, ratioOf } from "./clusters.ts";

export interface ClusterVariance {
  /** Null without observations or with a single cluster. */
  variance: number | null;
  /** Clusters of the factor that has fewer. */
  clusters: number;
}

function oneWay({
  observations,
  ratio,
  idOf,
}: {
  observations: readonly RatioObservation[];
  ratio: number;
  idOf: (observation: RatioObservation) => ClusterId;
}): ClusterVariance {
  const weighing = observations.filter(({ denominator }) => denominator !== 0);
  const index = indexIds(weighing.map(idOf));
  if (index.size < 2) return { variance: null, clusters: index.size };
  const residuals = new Float64Array(index.size);
  let total = 0;
  for (const observation of weighing) {
    const at = index.get(idOf(observation)) ?? 0;
    residuals[at] = (residuals[at] ?? 0) + observation.numerator - ratio * observation.denominator;
    total += observation.denominator;
  }
  const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0);
  return {
    variance: ((index.size / (index.size - 1)) * squares) / (total * total),
    clusters: index.size,
  };
}

/** @param twoWay by latent and prompt; every observation needs a `crossCluster`. @default false */
export function clusterVariance({
  observations,
  twoWay = false,
}: {
  observations: readonly RatioObservation[];
  twoWay?: boolean;
}): ClusterVariance {
  const ratio = ratioOf(observations);
  if (ratio === null) return { variance: null, clusters: 0 };
  const byCluster = oneWay({ observations, ratio, idOf: ({ cluster }) => cluster });
  if (!twoWay) return byCluster;
  const crossOf = ({ crossCluster }: RatioObservation): ClusterId => {
    if (crossCluster === undefined)
      throw new RangeError("a two-way variance needs a crossCluster everywhere");
    return crossCluster;
  };
  const byCross = oneWay({ observations, ratio, idOf: crossOf });
  const both = oneWay({
    observations,
    ratio,
    idOf: (observation) => `${observation.cluster} ${crossOf(observation)}`,
  });
  // a factor of one level can't be told to vary
  if (byCluster.variance === null) return byCross;
  if (byCross.variance === null) return byCluster;
  const clusters = Math.min(byCluster.clusters, byCross.clusters);
  const sum = byCluster.variance + byCross.variance - (both.variance ?? 0);
  return { variance: Math.max(sum, byCluster.variance, byCross.variance), clusters };
}

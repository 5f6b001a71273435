/**
 * The interval that reports print for a rate: on the logit scale, with the variance between latents and Student's t (Korn and Graubard
 * 1998 compare it with others for rare outcomes). Its coverage at the rates and correlations of these experiments is in docs/statistics.md;
 * Wald's, which ignores that trials of one latent resemble each other, is there beside it (METHOD.md 10.2).
 */
import { clusterVariance } from "./cluster-variance.ts";
import {
  columnsOf,
  informativeClusters,
  type Observations,
  type RatioColumns,
  ratioOf,
  sumOf,
} from "./clusters.ts";
import { assertLevel, type Interval } from "./interval.ts";
import { studentCritical } from "./student-t.ts";
import { wilson } from "./wilson.ts";

export interface ClusterLogitOptions {
  /** Numerators from 0 to their denominators. */
  observations: Observations;
  /** By latent and by prompt. @default false */
  twoWay?: boolean;
  /** @default 0.95 */
  level?: number;
}

export interface ClusterInterval extends Interval {
  /** Sum of denominators: the count behind the rate. */
  n: number;
  /** Latents (or prompts, where these are fewer) with a denominator above 0. */
  clusters: number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Where the logit is undefined (a rate of 0 or 1) or nothing varies between clusters, the sample size is the number of clusters: as if
 * each latent were one trial, the worst that clustering can do.
 */
export function clusterLogit(options: ClusterLogitOptions): ClusterInterval {
  const { twoWay = false, level = 0.95 } = options;
  assertLevel(level);
  const observations = columnsOf(options.observations);
  const estimate = ratioOf(observations);
  const n = sumOf(observations.denominator);
  if (estimate === null) return { estimate, lower: 0, upper: 1, level, method: "no-data", n, clusters: 0 };
  if (!(estimate >= 0 && estimate <= 1)) {
    throw new RangeError(`a rate lies in [0, 1], got ${estimate}`);
  }
  const { variance, clusters } = clusterVariance({ observations, twoWay });
  if (variance === null || variance === 0 || estimate === 0 || estimate === 1) {
    const size = sampleSize({ observations, twoWay });
    const { lower, upper } = wilson({ successes: estimate * size, n: size, level });
    return { estimate, lower, upper, level, method: "score-clusters", n, clusters };
  }
  const half = halfWidth({ observations, estimate, n, variance, clusters, level });
  const logit = Math.log(estimate / (1 - estimate));
  return {
    estimate,
    lower: logistic(logit - half),
    upper: logistic(logit + half),
    level,
    method: "cluster-logit",
    n,
    clusters,
  };
}

/**
 * On the logit scale. Of the variance, the part that independent trials would have is known from the rate; what clustering adds to it is
 * estimated from the latents that had a success, which may be few: that part gets their degrees of freedom. Without this, coverage at
 * 1 % and a correlation of 0.3 falls below 90 % (docs/LOG.md).
 */
function halfWidth({
  observations,
  estimate,
  n,
  variance,
  clusters,
  level,
}: {
  observations: RatioColumns;
  estimate: number;
  n: number;
  variance: number;
  clusters: number;
  level: number;
}): number {
  const { numerator, denominator, cluster } = observations;
  const telling = new Set<number>();
  for (let i = 0; i < numerator.length; i++) {
    const successes = numerator[i] ?? 0;
    const rare = estimate <= 0.5 ? successes : (denominator[i] ?? 0) - successes;
    if (rare > 0) telling.add(cluster[i] ?? -1);
  }
  const known = Math.min(variance, (estimate * (1 - estimate)) / n);
  const byAll = studentCritical({ level, df: clusters - 1 });
  const byTelling = studentCritical({ level, df: Math.max(1, Math.min(clusters, telling.size) - 1) });
  const scaled = byAll ** 2 * known + byTelling ** 2 * (variance - known);
  return Math.sqrt(scaled) / (estimate * (1 - estimate));
}

function sampleSize({ observations, twoWay }: { observations: RatioColumns; twoWay: boolean }): number {
  const latents = informativeClusters(observations);
  return twoWay ? Math.min(latents, informativeClusters(observations, "crossCluster")) : latents;
}

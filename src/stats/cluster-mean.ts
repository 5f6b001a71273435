/** A mean of values that come in clusters, with Student's t over the clusters; the values may be anything. */
import { clusterVariance } from "./cluster-variance.ts";
import type { ClusterId } from "./clusters.ts";
import { assertLevel, type Interval } from "./interval.ts";
import { studentCritical } from "./student-t.ts";

export interface ClusterMean extends Interval {
  n: number;
  clusters: number;
}

export interface ClusterMeanOptions {
  values: readonly { value: number; cluster: ClusterId }[];
  /** @default 0.95 */
  level?: number;
}

/** Null bounds with fewer than two clusters, or where all clusters have one mean: such data can't bound it. */
export function clusterMean({ values, level = 0.95 }: ClusterMeanOptions): ClusterMean {
  assertLevel(level);
  const n = values.length;
  if (n === 0) {
    return { estimate: null, lower: null, upper: null, level, method: "no-data", n, clusters: 0 };
  }
  const estimate = values.reduce((sum, { value }) => sum + value, 0) / n;
  const observations = values.map(({ value, cluster }) => ({ numerator: value, denominator: 1, cluster }));
  const { variance, clusters } = clusterVariance({ observations });
  if (variance === null || variance === 0) {
    return { estimate, lower: null, upper: null, level, method: "undetermined", n, clusters };
  }
  const half = studentCritical({ level, df: clusters - 1 }) * Math.sqrt(variance);
  const bounds = { lower: estimate - half, upper: estimate + half };
  return { estimate, ...bounds, level, method: "cluster-t", n, clusters };
}

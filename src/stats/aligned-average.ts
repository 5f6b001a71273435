/** Means of series that are laid over each other at a point of each. What a series does not have is missing, never 0, and nothing is smoothed. */
import { type ClusterMean, clusterMean } from "./cluster-mean.ts";
import type { ClusterId } from "./clusters.ts";

export interface AlignedSeries {
  /** In order; null where nothing was measured. */
  values: readonly (number | null)[];
  /** Index that comes to lie at offset 0. */
  anchor: number;
  cluster: ClusterId;
}

/** `estimate` is null where no series has a value. */
export interface AlignedPoint extends ClusterMean {
  offset: number;
}

export interface AlignedAverageOptions {
  series: readonly AlignedSeries[];
  /** Offsets `[from, to)`. */
  window: readonly [number, number];
  /** Of the band, by cluster. @default 0.95 */
  level?: number;
}

/** One point an offset. */
export function alignedAverage({ series, window, level = 0.95 }: AlignedAverageOptions): AlignedPoint[] {
  const [from, to] = window;
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
    const offset = from + i;
    const values = series.flatMap(({ values: all, anchor, cluster }) => {
      const value = all[anchor + offset] ?? null;
      return value === null ? [] : [{ value, cluster }];
    });
    return { offset, ...clusterMean({ values, level }) };
  });
}

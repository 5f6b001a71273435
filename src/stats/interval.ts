/** An interval estimate of one number. `method` always says which rule produced the bounds. */
export type IntervalMethod =
  | "wilson"
  | "clopper-pearson"
  | "percentile"
  | "bca"
  /** Student's t on the logit scale, with the variance between clusters. */
  | "cluster-logit"
  /** Student's t with the variance between clusters. */
  | "cluster-t"
  /** Wilson (or Newcombe) with the number of clusters as sample size: what a bootstrap of zero width falls back to. */
  | "score-clusters"
  /** Wilson (or Newcombe) with the sample size divided by a design effect that the caller gave. */
  | "score-design-effect"
  /** The statistic is undefined (denominator 0): the bounds are the widest possible, or null when there are none. */
  | "no-data"
  /** The statistic exists but these data can't bound it. */
  | "undetermined";

export interface Interval {
  /** Null when the denominator is 0. */
  estimate: number | null;
  /** Null when nothing bounds the statistic. */
  lower: number | null;
  upper: number | null;
  /** Coverage aimed at, for example 0.95. */
  level: number;
  method: IntervalMethod;
}

/** Throws a RangeError unless `level` is strictly between 0 and 1. */
export function assertLevel(level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`an interval level must lie strictly between 0 and 1, got ${level}`);
  }
}

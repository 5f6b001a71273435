/** First and last scores of many trials in columns, of which any rate or mean of `rates.ts` can be made without looking at a trial again. */
import { type ClusterId, indexIds, type RatioColumns } from "./clusters.ts";
import type { ClusteredOutcome, RateName } from "./rate-observations.ts";
import { assertMargin, endScores, type Rate, rateOf } from "./rates.ts";

/** One place a trial of N. */
export interface EndColumns extends Pick<RatioColumns, "cluster" | "ids" | "crossCluster" | "crossIds"> {
  first: Float64Array;
  last: Float64Array;
  /** 1 where a trial has several scored attempts. */
  multi: Float64Array;
}

/** Counts and rates of METHOD.md 1.2 over the trials of N. */
export interface EndRates {
  /** N. */
  judged: number;
  /** M. */
  multiAttempt: number;
  /** I. */
  improved: number;
  worsened: number;
  multiAttemptRate: Rate;
  improvementRate: Rate;
  esrRate: Rate;
}

/** As `computeRates`. */
export function endRates({
  ends,
  margin = 0,
  level = 0.95,
}: {
  ends: EndColumns;
  margin?: number;
  level?: number;
}): EndRates {
  assertMargin(margin);
  const { first, last, multi } = ends;
  const judged = multi.length;
  let multiAttempt = 0;
  let improved = 0;
  let worsened = 0;
  for (let i = 0; i < judged; i++) {
    if (multi[i] !== 1) continue;
    const [before, after] = [first[i] ?? 0, last[i] ?? 0];
    multiAttempt += 1;
    improved += Number(after - before > margin);
    worsened += Number(before - after > margin);
  }
  return {
    judged,
    multiAttempt,
    improved,
    worsened,
    multiAttemptRate: rateOf(multiAttempt, judged, level),
    improvementRate: rateOf(improved, multiAttempt, level),
    esrRate: rateOf(improved, judged, level),
  };
}

export interface EndColumnsOptions {
  outcomes: readonly ClusteredOutcome[];
  /** @default false */
  excludeDegraded?: boolean;
}

export function endColumns({ outcomes, excludeDegraded = false }: EndColumnsOptions): EndColumns {
  const first: number[] = [];
  const last: number[] = [];
  const multi: number[] = [];
  const ids: ClusterId[] = [];
  const crossIds: ClusterId[] = [];
  for (const outcome of outcomes) {
    if (excludeDegraded && outcome.degraded === true) continue;
    const ends = endScores(outcome);
    if (ends === null) continue;
    first.push(ends.first);
    last.push(ends.last);
    multi.push(Number(ends.attempts >= 2));
    ids.push(outcome.latent);
    crossIds.push(outcome.prompt);
  }
  const index = indexIds(ids);
  const crossIndex = indexIds(crossIds);
  return {
    first: Float64Array.from(first),
    last: Float64Array.from(last),
    multi: Float64Array.from(multi),
    cluster: Int32Array.from(ids, (id) => index.get(id) ?? -1),
    ids: [...index.keys()],
    crossCluster: Int32Array.from(crossIds, (id) => crossIndex.get(id) ?? -1),
    crossIds: [...crossIndex.keys()],
  };
}

export interface RateColumnsOptions {
  ends: EndColumns;
  rate: RateName;
  /** In score points. @default 0 */
  margin?: number;
}

/** As `rateObservations`. */
export function rateColumns({ ends, rate, margin = 0 }: RateColumnsOptions): RatioColumns {
  const { first, last, multi, cluster, ids, crossCluster, crossIds } = ends;
  const numerator = new Float64Array(multi.length);
  for (let i = 0; i < numerator.length; i++) {
    const several = multi[i] ?? 0;
    const change = (last[i] ?? 0) - (first[i] ?? 0);
    numerator[i] = numeratorOf({ rate, several, change, first: first[i] ?? 0, margin });
  }
  return {
    numerator,
    denominator:
      rate === "improvement" || rate === "conditional-improvement"
        ? multi
        : new Float64Array(multi.length).fill(1),
    cluster,
    ids,
    crossCluster,
    crossIds,
  };
}

function numeratorOf({
  rate,
  several,
  change,
  first,
  margin,
}: {
  rate: RateName;
  several: number;
  change: number;
  first: number;
  margin: number;
}): number {
  switch (rate) {
    case "multi-attempt":
      return several;
    case "improvement":
    case "esr":
      return several * Number(change > margin);
    case "conditional-improvement":
      return several * change;
    case "unconditional-improvement":
      return change;
    case "first-score":
      return first;
    default:
      return rate satisfies never;
  }
}

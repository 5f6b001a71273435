/**
 * How much "improvement" the lengths of attempts alone would make (METHOD.md 10.1, row 18: longer answers have more chances): each
 * attempt of a multi-attempt trial is replaced by single attempts of about its length, from trials that never restarted.
 */

export interface SizedScore {
  /** Characters of the attempt. */
  length: number;
  score: number;
}

export interface LengthControlOptions {
  /** First and last attempt of each multi-attempt trial. */
  trials: readonly { first: SizedScore; last: SizedScore }[];
  /** The attempts of trials that have only one. */
  single: readonly SizedScore[];
  /** In score points. @default 0 */
  margin?: number;
  /** Single attempts that stand for one attempt. @default 20 */
  neighbours?: number;
}

export interface LengthControl {
  /** Expected improved trials among `trials`; null where there are fewer single attempts than neighbours. */
  expected: number | null;
  single: number;
}

/** Scores of the attempts nearest in length; of equally near ones the shorter. */
function nearest({
  sorted,
  length,
  count,
}: {
  sorted: readonly SizedScore[];
  length: number;
  count: number;
}): number[] {
  let low = firstFrom(sorted, length);
  let high = low;
  while (high - low < count) {
    const below = low > 0 ? length - (sorted[low - 1]?.length ?? 0) : Number.POSITIVE_INFINITY;
    const above = high < sorted.length ? (sorted[high]?.length ?? 0) - length : Number.POSITIVE_INFINITY;
    if (below <= above) low -= 1;
    else high += 1;
  }
  return sorted.slice(low, high).map(({ score }) => score);
}

/** Index of the first that is as long, by halving; their number where none is. */
function firstFrom(sorted: readonly SizedScore[], length: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.length ?? 0) >= length) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function lengthControl(options: LengthControlOptions): LengthControl {
  const { trials, single, margin = 0, neighbours = 20 } = options;
  if (single.length < neighbours) return { expected: null, single: single.length };
  const sorted = single.toSorted((a, b) => a.length - b.length || a.score - b.score);
  let expected = 0;
  for (const { first, last } of trials) {
    const before = nearest({ sorted, length: first.length, count: neighbours });
    const after = nearest({ sorted, length: last.length, count: neighbours });
    let hits = 0;
    for (const a of before) for (const b of after) hits += Number(b - a > margin);
    expected += hits / (before.length * after.length);
  }
  return { expected, single: single.length };
}

/**
 * Whether one value of each stratum differs from the others of its stratum: a rank test stratified by unit (van Elteren 1960 with one
 * value in the first group). Under the null any value of a stratum could as well be the one set apart, so the distribution is known
 * exactly, whatever the shape of the values. A paired test on "mean of the others - first" is not valid in its place: a mean of several
 * skewed values lies above a single one more often than not.
 */
import { normalCdf } from "./normal.ts";
import type { Alternative } from "./wilcoxon.ts";

export interface Stratum {
  /** The value set apart. */
  first: number;
  others: readonly number[];
}

export interface StratifiedRankTestOptions {
  strata: readonly Stratum[];
  /** `greater`: the others tend to lie above the first. @default "two-sided" */
  alternative?: Alternative;
  /** Exact up to this many strata that can tell anything. @default 50 */
  exactLimit?: number;
}

export interface StratifiedRankTest {
  /** Chance that one of the others lies above the first of its own stratum, ties count half; null without others. */
  auc: number | null;
  /** 1 where every stratum has equal values only. */
  p: number;
  /** Strata with unequal values. */
  informative: number;
  method: "exact" | "normal";
}

/** Twice the number of other values above this one (ties count half), for each value of a stratum. */
function doubledCounts(values: readonly number[]): number[] {
  return values.map((value) =>
    values.reduce((sum, other) => sum + (other > value ? 2 : other === value ? 1 : 0), -1),
  );
}

export function stratifiedRankTest(options: StratifiedRankTestOptions): StratifiedRankTest {
  const { strata, alternative = "two-sided", exactLimit = 50 } = options;
  const counts = strata.map(({ first, others }) => doubledCounts([first, ...others]));
  const comparisons = strata.reduce((sum, { others }) => sum + others.length, 0);
  const auc =
    comparisons === 0 ? null : counts.reduce((sum, [first = 0]) => sum + first, 0) / (2 * comparisons);
  const telling = counts.filter((count) => count.some((value) => value !== count[0]));
  const observed = telling.reduce((sum, [first = 0]) => sum + first, 0);
  const exact = telling.length <= exactLimit;
  const { upper, lower } = exact ? exactTails(telling, observed) : normalTails(telling, observed);
  const facts = { auc, informative: telling.length, method: exact ? "exact" : "normal" } as const;
  switch (alternative) {
    case "greater":
      return { ...facts, p: upper };
    case "less":
      return { ...facts, p: lower };
    case "two-sided":
      return { ...facts, p: Math.min(1, 2 * Math.min(upper, lower)) };
    default:
      return alternative satisfies never;
  }
}

interface Tails {
  /** Chance of at least the observed sum. */
  upper: number;
  /** Chance of at most the observed sum. */
  lower: number;
}

function exactTails(counts: readonly number[][], observed: number): Tails {
  let chances = new Float64Array([1]);
  for (const count of counts) {
    const next = new Float64Array(chances.length + Math.max(...count));
    for (const step of count) {
      for (let sum = 0; sum < chances.length; sum++) {
        next[sum + step] = (next[sum + step] ?? 0) + (chances[sum] ?? 0) / count.length;
      }
    }
    chances = next;
  }
  const total = (part: Float64Array) =>
    Math.min(
      1,
      part.reduce((sum, chance) => sum + chance, 0),
    );
  return { upper: total(chances.subarray(observed)), lower: total(chances.subarray(0, observed + 1)) };
}

function normalTails(counts: readonly number[][], observed: number): Tails {
  let mean = 0;
  let variance = 0;
  for (const count of counts) {
    const centre = count.reduce((sum, value) => sum + value, 0) / count.length;
    mean += centre;
    variance += count.reduce((sum, value) => sum + (value - centre) ** 2, 0) / count.length;
  }
  // half a step towards the middle: sums are whole numbers, two apart where nothing is tied
  const tail = (distance: number) => normalCdf((distance + 1) / Math.sqrt(variance));
  return { upper: tail(mean - observed), lower: tail(observed - mean) };
}

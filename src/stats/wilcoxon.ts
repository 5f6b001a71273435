/**
 * Wilcoxon's signed-rank test of paired differences. Zero differences are dropped (Wilcoxon's rule), ties share mid-ranks.
 * One-sided p-values come from their own tail, never from halving the two-sided one (METHOD.md 10.1, row 14).
 */
import { normalCdf } from "./normal.ts";
import { midRanks } from "./ranks.ts";

export type Alternative = "two-sided" | "greater" | "less";

export interface WilcoxonOptions {
  /** first - second, one a pair. */
  differences: readonly number[];
  /** `greater`: differences tend to be above 0. @default "two-sided" */
  alternative?: Alternative;
  /** `auto`: exact up to 50 differences, or up to 13 when there are ties or zeros (as SciPy). @default "auto" */
  method?: "auto" | "exact" | "normal";
}

export interface Wilcoxon {
  /** Sums of the ranks of positive and of negative differences. */
  rankSumPositive: number;
  rankSumNegative: number;
  /** Null when every difference is 0. */
  p: number | null;
  /** Non-zero differences. */
  n: number;
  zeros: number;
  method: "exact" | "normal";
}

/** P(W+ <= w) given the mid-ranks, over all 2^n signs; ranks are doubled to make them whole. */
function exactCdf(ranks: readonly number[], w: number): number {
  const total = Math.round(2 * ranks.reduce((sum, r) => sum + r, 0));
  let chances = new Float64Array(total + 1);
  chances[0] = 1;
  for (const rank of ranks) {
    const step = Math.round(2 * rank);
    const next = new Float64Array(total + 1);
    for (let s = 0; s <= total; s++) {
      next[s] = ((chances[s] ?? 0) + (chances[s - step] ?? 0)) / 2;
    }
    chances = next;
  }
  return chances.subarray(0, Math.round(2 * w) + 1).reduce((sum, p) => sum + p, 0);
}

export function wilcoxonSignedRank(options: WilcoxonOptions): Wilcoxon {
  const { differences, alternative = "two-sided", method = "auto" } = options;
  const kept = differences.filter((d) => d !== 0);
  const n = kept.length;
  const zeros = differences.length - n;
  const { ranks, ties } = midRanks(kept.map(Math.abs));
  const total = (n * (n + 1)) / 2;
  const rankSumPositive = ranks.reduce((sum, rank, i) => sum + ((kept[i] ?? 0) > 0 ? rank : 0), 0);
  const rankSumNegative = total - rankSumPositive;
  const exactLimit = zeros > 0 || ties.length > 0 ? 13 : 50;
  const used = method === "auto" ? (differences.length <= exactLimit ? "exact" : "normal") : method;
  const result = { rankSumPositive, rankSumNegative, n, zeros, method: used } as const;
  if (n === 0) {
    return { ...result, p: null };
  }
  const tieCorrection = ties.reduce((sum, t) => sum + (t ** 3 - t), 0) / 2;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1) - tieCorrection) / 24);
  // the null distribution is symmetric, so the upper tail of W+ is the lower tail of W-
  const lowerTail = (w: number): number =>
    used === "exact" ? exactCdf(ranks, w) : normalCdf((w - total / 2) / deviation);
  switch (alternative) {
    case "greater":
      return { ...result, p: lowerTail(rankSumNegative) };
    case "less":
      return { ...result, p: lowerTail(rankSumPositive) };
    case "two-sided":
      return { ...result, p: Math.min(1, 2 * lowerTail(Math.min(rankSumPositive, rankSumNegative))) };
    default:
      return alternative satisfies never;
  }
}

/**
 * Everything that is said of one paired difference: its mean by cluster, whether it is on the declared side, and how large it is as pairs
 * go (METHOD.md 10.1, row 14). A pair of which a half is missing is no pair, and the caller leaves it out.
 */
import { type ClusterMean, clusterMean } from "./cluster-mean.ts";
import { clusterPermutation } from "./cluster-permutation.ts";
import type { ClusterId } from "./clusters.ts";
import { pairedEffect } from "./paired-effect.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";

export interface PairedTest {
  pairs: number;
  clusters: number;
  /** Of first - second, with an interval by cluster. */
  difference: ClusterMean;
  /** On the declared side, by flipping the signs of whole clusters; null without pairs. */
  p: number | null;
  pTwoSided: number | null;
  /** Wilcoxon's signed-rank test on the declared side, which takes pairs as independent; null where no pair differs. */
  pWilcoxon: number | null;
  /** Effect sizes over the pairs; null where the differences don't vary, or are all 0. */
  dz: number | null;
  rankBiserial: number | null;
}

export interface PairedTestOptions {
  pairs: readonly { first: number; second: number; cluster: ClusterId }[];
  /** `greater`: first tends to be above second. */
  alternative: "greater" | "less";
  /** @default 0.95 */
  level?: number;
}

export function pairedTest({ pairs, alternative, level = 0.95 }: PairedTestOptions): PairedTest {
  const differences = pairs.map(({ first, second }) => first - second);
  const values = pairs.map(({ first, second, cluster }) => ({ value: first - second, cluster }));
  // the permutation takes second - first
  const turned = pairs.map(({ first, second, cluster }) => ({ first: second, second: first, cluster }));
  const permuted = (side: "greater" | "less" | "two-sided") =>
    pairs.length === 0 ? null : clusterPermutation({ pairs: turned, alternative: side }).p;
  const difference = clusterMean({ values, level });
  const { dz, rankBiserial } = pairedEffect({ differences });
  return {
    pairs: pairs.length,
    clusters: difference.clusters,
    difference,
    p: permuted(alternative),
    pTwoSided: permuted("two-sided"),
    pWilcoxon: wilcoxonSignedRank({ differences, alternative }).p,
    dz,
    rankBiserial,
  };
}

/**
 * Paired permutation test that respects clusters: under "the arms are exchangeable", each latent's differences may all change sign
 * together. Exact over all sign patterns for few clusters, else Monte Carlo with the (1 + hits) / (1 + permutations) rule.
 */
import { type ClusterId, columnsOf, indexIds, type RatioColumns, sumByCluster } from "./clusters.ts";
import { createRng } from "./rng.ts";

export interface ClusterPermutationOptions {
  /** Or columns with second - first as numerators. Values of one unit in both arms (0 or 1 for an outcome, or a score). */
  pairs: readonly { first: number; second: number; cluster: ClusterId }[] | RatioColumns;
  /** @default "two-sided" */
  alternative?: "two-sided" | "greater" | "less";
  /** Monte Carlo permutations. @default 10_000 */
  permutations?: number;
  /** Exact up to this many clusters with a difference. @default 16 */
  exactLimit?: number;
  /** @default 0 */
  seed?: number;
}

export interface ClusterPermutation {
  /** Mean over pairs of second - first; null without pairs. `greater` means above 0. */
  difference: number | null;
  /** 1 when no cluster has a difference. */
  p: number;
  method: "exact" | "monte-carlo";
  pairs: number;
  clusters: number;
  /** Clusters whose summed difference isn't 0; the others can't change the statistic. */
  informativeClusters: number;
  /** Sign patterns looked at. */
  permutations: number;
}

export function clusterPermutation(options: ClusterPermutationOptions): ClusterPermutation {
  const { pairs, alternative = "two-sided", permutations = 10_000, exactLimit = 16, seed = 0 } = options;
  const observations = "numerator" in pairs ? pairs : columnsOf(pairs.map(differenceOf));
  const index = indexIds(observations.ids);
  const count = observations.numerator.length;
  const sums = sumByCluster(observations, index).numerator.filter((sum) => sum !== 0);
  const total = sums.reduce((sum, v) => sum + v, 0);
  // equal statistics differ in the last digits when summed in another order
  const slack = 1e-12 * sums.reduce((sum, v) => sum + Math.abs(v), 0);
  const isExtreme = (value: number): boolean => {
    switch (alternative) {
      case "greater":
        return value >= total - slack;
      case "less":
        return value <= total + slack;
      case "two-sided":
        return Math.abs(value) >= Math.abs(total) - slack;
      default:
        return alternative satisfies never;
    }
  };
  const facts = {
    difference: count === 0 ? null : total / count,
    pairs: count,
    clusters: index.size,
    informativeClusters: sums.length,
  };
  let hits = 0;
  if (sums.length <= exactLimit) {
    const patterns = 2 ** sums.length;
    for (let pattern = 0; pattern < patterns; pattern++) {
      hits += Number(isExtreme(sums.reduce((sum, v, bit) => sum + ((pattern >> bit) & 1 ? -v : v), 0)));
    }
    return { ...facts, p: hits / patterns, method: "exact", permutations: patterns };
  }
  const rng = createRng({ seed });
  for (let r = 0; r < permutations; r++) {
    let value = 0;
    for (const sum of sums) {
      value += rng.next() < 0.5 ? sum : -sum;
    }
    hits += Number(isExtreme(value));
  }
  return { ...facts, p: (1 + hits) / (1 + permutations), method: "monte-carlo", permutations };
}

function differenceOf({ first, second, cluster }: { first: number; second: number; cluster: ClusterId }) {
  return { numerator: second - first, denominator: 1, cluster };
}

/**
 * The exact McNemar test for two arms over the same units with a yes/no outcome (METHOD.md 10.2: paired designs must be tested as pairs).
 * It treats pairs as independent; with several pairs a latent, use the cluster permutation test beside it.
 */
import betaCdf from "@stdlib/stats-base-dists-beta-cdf";

export interface PairedTable {
  both: number;
  /** Success in the first arm only. */
  onlyFirst: number;
  /** Success in the second arm only. */
  onlySecond: number;
  neither: number;
}

export function pairedTable({
  pairs,
}: {
  pairs: readonly { first: boolean; second: boolean }[];
}): PairedTable {
  const table: PairedTable = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const { first, second } of pairs) {
    if (first) {
      table[second ? "both" : "onlyFirst"] += 1;
    } else {
      table[second ? "onlySecond" : "neither"] += 1;
    }
  }
  return table;
}

/** Two-sided p of "a discordant pair goes either way with chance 1/2"; 1 without discordant pairs. */
export function mcnemarExact({ onlyFirst, onlySecond }: Pick<PairedTable, "onlyFirst" | "onlySecond">): {
  p: number;
  discordant: number;
} {
  const discordant = onlyFirst + onlySecond;
  const smaller = Math.min(onlyFirst, onlySecond);
  if (2 * smaller >= discordant) {
    return { p: 1, discordant };
  }
  // P(X <= k) of a binomial(n, 1/2) as a Beta CDF
  return { p: Math.min(1, 2 * betaCdf(0.5, discordant - smaller, smaller + 1)), discordant };
}

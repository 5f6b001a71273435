/**
 * Effect sizes for pairs. The paper gives the independent-samples d for paired data (METHOD.md 10.1, row 14), which mixes up how far the
 * arms are apart with how far units are.
 */
import { type ClusterId, indexIds } from "./clusters.ts";
import { summarizeMean } from "./mean.ts";
import { midRanks } from "./ranks.ts";

export interface PairedEffectOptions {
  /** second - first, one a pair. */
  differences: readonly number[];
}

export interface PairedEffect {
  pairs: number;
  /** Mean difference over the deviation of the differences (Cohen's d_z); null where they don't vary. */
  dz: number | null;
  /** Share of positive rank sums less that of negative ones, in [-1, 1] (Kerby 2014); null where all are 0. */
  rankBiserial: number | null;
}

export function pairedEffect({ differences }: PairedEffectOptions): PairedEffect {
  const { mean, standardError, n } = summarizeMean(differences);
  const deviation = standardError === null ? null : standardError * Math.sqrt(n);
  const nonZero = differences.filter((difference) => difference !== 0);
  const { ranks } = midRanks(nonZero.map(Math.abs));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const signed = ranks.reduce((sum, rank, i) => sum + Math.sign(nonZero[i] ?? 0) * rank, 0);
  return {
    pairs: n,
    dz: mean === null || deviation === null || deviation === 0 ? null : mean / deviation,
    rankBiserial: total === 0 ? null : signed / total,
  };
}

/** One mean difference a cluster, so that pairs of a latent count once; for a test or an effect size with latents as the units. */
export function clusterMeans({
  pairs,
}: {
  pairs: readonly { difference: number; cluster: ClusterId }[];
}): number[] {
  const index = indexIds(pairs.map(({ cluster }) => cluster));
  const sums = new Float64Array(index.size);
  const counts = new Float64Array(index.size);
  for (const { difference, cluster } of pairs) {
    const at = index.get(cluster) ?? 0;
    sums[at] = (sums[at] ?? 0) + difference;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return Array.from(sums, (sum, at) => sum / (counts[at] ?? 1));
}

/** A score of the same units in two arms: the mean difference, by latent. */
import { clusterDifference } from "../stats/cluster-difference.ts";
import { clusterPermutation } from "../stats/cluster-permutation.ts";
import type { Interval } from "../stats/interval.ts";
import { clustersOf, type PairedSets, scoredPairs } from "./pair-arms.ts";
import type { TrialSet } from "./trial-set.ts";

export interface PairedScores {
  /** Units scored in both arms. */
  pairs: number;
  /** Mean scores over the pairs, 0-100; null without pairs. */
  reference: number | null;
  treatment: number | null;
  /** Treatment less reference, in points, with Student's t over latents. */
  difference: Interval;
  /** Of the permutation test by latent. */
  p: number;
}

export interface PairedScoresOptions {
  pairs: PairedSets;
  end: "first" | "last";
  level: number;
}

export function pairedScores({ pairs, end, level }: PairedScoresOptions): PairedScores {
  const scored = scoredPairs(pairs);
  const score = ({ facts, places }: TrialSet, i: number) => facts[end][places[i] ?? -1] ?? Number.NaN;
  const values = Array.from(clustersOf(scored), (cluster, i) => ({
    first: score(scored.first, i),
    second: score(scored.second, i),
    cluster,
  }));
  const mean = (of: (value: (typeof values)[number]) => number) =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + of(value), 0) / values.length;
  const byLatent = clusterDifference({
    pairs: values.map(({ first, second, cluster }) => ({
      // the interval is one of rates, which end at 1
      numerator: (second - first) / 100,
      denominator: 1,
      cluster,
    })),
    level,
  });
  const points = (share: number | null) => (share === null ? null : 100 * share);
  return {
    pairs: values.length,
    reference: mean(({ first }) => first),
    treatment: mean(({ second }) => second),
    difference: {
      ...byLatent,
      estimate: points(byLatent.estimate),
      lower: points(byLatent.lower),
      upper: points(byLatent.upper),
    },
    p: clusterPermutation({ pairs: values }).p,
  };
}

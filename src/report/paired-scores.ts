/** A score of the same units in two arms: the mean difference, by latent. */
import { clusterDifference } from "../stats/cluster-difference.ts";
import { clusterPermutation } from "../stats/cluster-permutation.ts";
import type { Interval } from "../stats/interval.ts";
import { endScores } from "../stats/rates.ts";
import type { TrialFacts } from "./outcomes.ts";

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
  pairs: readonly { first: TrialFacts; second: TrialFacts }[];
  end: "first" | "last";
  level: number;
}

export function pairedScores({ pairs, end, level }: PairedScoresOptions): PairedScores {
  const values = pairs.flatMap(({ first, second }) => {
    const [a, b] = [endScores(first.outcome), endScores(second.outcome)];
    const cluster = (first.row.trial.latent === null ? second : first).outcome.latent;
    return a === null || b === null ? [] : [{ first: a[end], second: b[end], cluster }];
  });
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

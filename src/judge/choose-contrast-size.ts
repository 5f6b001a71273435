/** How many contrast prompts are worth their cost: the smallest number whose separation can't be told from that of the best. */
import { auc } from "../stats/auc.ts";
import { quantileSorted } from "../stats/quantile.ts";
import { createRng } from "../stats/rng.ts";

export interface ContrastCandidate {
  contrastSize: number;
  /** Mean topicality of each answer under its own prompt, `[answers]`, and under another's. */
  on: readonly number[];
  off: readonly number[];
}

export interface ContrastChoice {
  /** null without answers. */
  chosen: number | null;
  best: number | null;
  /** For each size: how much its AUC is below the best one's, with the upper end of a 95 % bootstrap interval over answers. */
  below: { contrastSize: number; difference: number; upper: number; lower: number }[];
}

const REPLICATES = 500;

/** A size is as good as the best if the interval of the difference reaches 0. Answers are resampled together with their deranged selves. */
export function chooseContrastSize({
  candidates,
  seed,
}: {
  candidates: readonly ContrastCandidate[];
  seed: number;
}): ContrastChoice {
  const answers = candidates[0]?.on.length ?? 0;
  const aucOf = ({ on, off }: ContrastCandidate, indices: readonly number[]) =>
    auc({
      items: indices.flatMap((i) => [
        { positive: true, score: on[i] ?? Number.NaN },
        { positive: false, score: off[i] ?? Number.NaN },
      ]),
    }) ?? Number.NaN;
  if (answers === 0) return { chosen: null, best: null, below: [] };
  const all = Array.from({ length: answers }, (_, i) => i);
  const best = candidates.reduce((one, other) => (aucOf(other, all) > aucOf(one, all) ? other : one));
  const rng = createRng({ seed });
  const resamples = Array.from({ length: REPLICATES }, () => all.map(() => rng.below(answers)));
  const ofBest = resamples.map((indices) => aucOf(best, indices));
  const below = candidates.map((candidate) => {
    const differences = resamples.map((indices, r) => (ofBest[r] ?? Number.NaN) - aucOf(candidate, indices));
    const sorted = differences.sort((a, b) => a - b);
    return {
      contrastSize: candidate.contrastSize,
      difference: aucOf(best, all) - aucOf(candidate, all),
      lower: quantileSorted(sorted, 0.025),
      upper: quantileSorted(sorted, 0.975),
    };
  });
  const asGood = below.filter(({ lower }) => lower <= 0).map(({ contrastSize }) => contrastSize);
  return { chosen: Math.min(...asGood), best: best.contrastSize, below };
}

/**
 * What "improvement" would be without any (METHOD.md 10.1, row 18): the expected number of improved trials if order meant nothing
 * (attempts shuffled within a trial), and if the last attempt came from another trial (regression to the mean after a low first one).
 */
export interface ImprovementNullOptions {
  /** Scores of the attempts of each multi-attempt trial, in order; at least two each. */
  trials: readonly (readonly number[])[];
  /** In score points. @default 0 */
  margin?: number;
}

export interface ImprovementNull {
  trials: number;
  improved: number;
  /** Expected improved trials with attempts in random order, exact. */
  shuffledExpected: number;
  /** Chance of at least `improved` under that null (Poisson binomial, exact). Trials are taken as independent. */
  shuffledP: number;
  /** Expected improved trials with the last score of another trial at random; null with fewer than two trials. */
  swappedExpected: number | null;
}

/** Chance that two distinct attempts drawn in random order improve by more than the margin. */
function shuffledChance(scores: readonly number[], margin: number): number {
  let hits = 0;
  scores.forEach((first, i) => {
    scores.forEach((last, j) => {
      hits += Number(i !== j && last - first > margin);
    });
  });
  return hits / (scores.length * (scores.length - 1));
}

/** P(X >= k) of a sum of independent coins. */
function poissonBinomialTail(chances: readonly number[], k: number): number {
  const mass = new Float64Array(chances.length + 1);
  mass[0] = 1;
  chances.forEach((chance, done) => {
    for (let x = done + 1; x >= 0; x--) {
      mass[x] = (mass[x] ?? 0) * (1 - chance) + (mass[x - 1] ?? 0) * chance;
    }
  });
  return Math.min(
    1,
    mass.subarray(k).reduce((sum, p) => sum + p, 0),
  );
}

/** Values of ascending `sorted` above `limit`. */
function countAbove(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > limit) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return sorted.length - low;
}

export function improvementNull({ trials, margin = 0 }: ImprovementNullOptions): ImprovementNull {
  const ends = trials.map((scores) => {
    const first = scores[0];
    const last = scores.at(-1);
    if (scores.length < 2 || first === undefined || last === undefined) {
      throw new RangeError("the null of improvement is defined for trials with at least two scored attempts");
    }
    return { first, last };
  });
  const chances = trials.map((scores) => shuffledChance(scores, margin));
  const improved = ends.filter(({ first, last }) => last - first > margin).length;
  const lasts = Float64Array.from(ends, ({ last }) => last).sort();
  const pairs = ends.reduce((sum, { first }) => sum + countAbove(lasts, first + margin), 0);
  return {
    trials: trials.length,
    improved,
    shuffledExpected: chances.reduce((sum, chance) => sum + chance, 0),
    shuffledP: poissonBinomialTail(chances, improved),
    swappedExpected: trials.length < 2 ? null : (pairs - improved) / (trials.length - 1),
  };
}

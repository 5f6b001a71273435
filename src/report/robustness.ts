/** What a rate of success hangs on: the margin, the order of attempts, regression to the mean, their lengths, and cut-off responses. */
import { improvementNull } from "../stats/improvement-null.ts";
import { lengthControl, type SizedScore } from "../stats/length-control.ts";
import { endScores, marginSensitivity } from "../stats/rates.ts";
import type { TrialFacts } from "./outcomes.ts";

export interface Robustness {
  /** ESR successes and rate at each margin. */
  margins: { margin: number; improved: number; rate: number | null }[];
  /** M: what the expectations below are among. */
  multiAttempt: number;
  improved: number;
  /** Expected with the attempts of each trial in random order, and the chance of as many under that; null without multi-attempt trials. */
  shuffledExpected: number | null;
  shuffledP: number | null;
  /** Expected with the last score of another multi-attempt trial: regression to the mean. */
  swappedExpected: number | null;
  /** Expected from the lengths of the attempts alone. */
  lengthExpected: number | null;
  /** Scored trials whose response was cut off at the token limit: a restart may have come later. null where an import does not say. */
  truncated: { single: number | null; multiAttempt: number | null };
}

const MARGINS = [0, 5, 10, 20, 30];

export function robustnessOf({
  trials,
  margin,
  excludeDegraded,
}: {
  trials: readonly TrialFacts[];
  margin: number;
  excludeDegraded: boolean;
}): Robustness {
  const counted = trials.filter(({ outcome }) => !(excludeDegraded && outcome.degraded === true));
  const scored = counted.flatMap((facts) => {
    const ends = endScores(facts.outcome);
    return ends === null ? [] : [{ ...facts, ends }];
  });
  const multi = scored.filter(({ ends }) => ends.attempts >= 2);
  const single = scored.filter(({ ends }) => ends.attempts === 1);
  const shuffled =
    multi.length === 0 ? null : improvementNull({ trials: multi.map(({ ends }) => ends.scores), margin });
  const { expected } = lengthControl({
    trials: multi.flatMap((facts) => {
      const sizes = sizesOf(facts);
      const [first, last] = [sizes[0], sizes.at(-1)];
      return first === undefined || last === undefined ? [] : [{ first, last }];
    }),
    single: single.flatMap(sizesOf),
    margin,
  });
  const known = scored.every(({ row }) => row.trial.finish !== "unknown");
  const truncated = (some: typeof scored) =>
    known ? some.filter(({ row }) => row.trial.finish === "length").length : null;
  return {
    margins: marginSensitivity({
      outcomes: counted.map(({ outcome }) => outcome),
      margins: [...new Set([margin, ...MARGINS])].toSorted((a, b) => a - b),
    }).map(({ margin: at, improved, esrRate }) => ({ margin: at, improved, rate: esrRate.estimate })),
    multiAttempt: multi.length,
    improved: shuffled?.improved ?? 0,
    shuffledExpected: shuffled?.shuffledExpected ?? null,
    shuffledP: shuffled?.shuffledP ?? null,
    swappedExpected: shuffled?.swappedExpected ?? null,
    lengthExpected: multi.length === 0 ? null : expected,
    truncated: { single: truncated(single), multiAttempt: truncated(multi) },
  };
}

function sizesOf({ row }: TrialFacts): SizedScore[] {
  return (row.judgement?.attempts ?? []).flatMap(({ start, end, score }) =>
    score === null ? [] : [{ length: end - start, score }],
  );
}

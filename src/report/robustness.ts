/** What a rate of success hangs on: the margin, the order of attempts, regression to the mean, their lengths, and cut-off responses. */
import { type EndColumns, endRates } from "../stats/end-columns.ts";
import { improvementNull } from "../stats/improvement-null.ts";
import { lengthControl, type SizedScore } from "../stats/length-control.ts";
import { FactAt } from "../store/fact-columns.ts";
import type { TrialSet } from "./trial-set.ts";

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
  ends,
  margin,
  excludeDegraded,
}: {
  trials: TrialSet;
  /** Of the trials. */
  ends: EndColumns;
  margin: number;
  excludeDegraded: boolean;
}): Robustness {
  const { facts } = trials;
  const { places } = trials.filter(
    (i) => trials.isScored(i) && !(excludeDegraded && facts.degraded[trials.places[i] ?? -1] === 1),
  );
  const multi = places.filter((at) => (facts.scored[at] ?? 0) >= 2);
  const single = places.filter((at) => facts.scored[at] === 1);
  const firstOf = (at: number): SizedScore => ({
    length: facts.firstLength[at] ?? 0,
    score: facts.first[at] ?? Number.NaN,
  });
  const lastOf = (at: number): SizedScore => ({
    length: facts.lastLength[at] ?? 0,
    score: facts.last[at] ?? Number.NaN,
  });
  const scoresOf = (at: number) => new FactAt(facts, at).sizes.flatMap(([, score]) => score ?? []);
  const shuffled =
    multi.length === 0 ? null : improvementNull({ trials: Array.from(multi, scoresOf), margin });
  const { expected } = lengthControl({
    trials: Array.from(multi, (at) => ({ first: firstOf(at), last: lastOf(at) })),
    single: Array.from(single, firstOf),
    margin,
  });
  const known = places.every((at) => facts.finish[at] !== "unknown");
  const truncated = (some: Int32Array) =>
    known ? some.filter((at) => facts.finish[at] === "length").length : null;
  return {
    margins: [...new Set([margin, ...MARGINS])]
      .toSorted((a, b) => a - b)
      .map((at) => {
        const { improved, esrRate } = endRates({ ends, margin: at });
        return { margin: at, improved, rate: esrRate.estimate };
      }),
    multiAttempt: multi.length,
    improved: shuffled?.improved ?? 0,
    shuffledExpected: shuffled?.shuffledExpected ?? null,
    shuffledP: shuffled?.shuffledP ?? null,
    swappedExpected: shuffled?.swappedExpected ?? null,
    lengthExpected: multi.length === 0 ? null : expected,
    truncated: { single: truncated(single), multiAttempt: truncated(multi) },
  };
}

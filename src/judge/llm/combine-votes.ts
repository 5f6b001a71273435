/** Several readings of one response become one: the structure that most have, and the median of their scores. */
import type { Attempt } from "../judge.ts";
import type { ReadReply } from "./to-judgement.ts";

/**
 * The number of attempts is the commonest, of equally common ones the smallest: a restart that half of the votes don't see is not taken.
 * Boundaries, phrases and feedback are those of the vote nearest to the others; scores are medians. `votes` must not be empty.
 */
export function combineVotes(votes: readonly ReadReply[]): ReadReply {
  const sizes = votes.map(({ attempts }) => attempts.length);
  const size = commonest(sizes);
  const agreed = votes.filter(({ attempts }) => attempts.length === size);
  const central = mostCentral(agreed);
  return {
    ...central,
    attempts: central.attempts.map((attempt, index) => {
      const scores = agreed
        .map(({ attempts }) => attempts[index]?.score)
        .filter((score) => typeof score === "number");
      return votes.length === 1
        ? attempt
        : {
            ...attempt,
            score: median(scores),
            components: { votes: scores.length, lowest: Math.min(...scores), highest: Math.max(...scores) },
          };
    }),
    rejected: votes.flatMap(({ rejected }) => rejected),
  };
}

/** The value that occurs most often, the smallest of several. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first] = [...counts].sort(([a, times], [b, others]) => others - times || a - b);
  return first?.[0] ?? 0;
}

function mostCentral(votes: readonly ReadReply[]): ReadReply {
  const distances = votes.map((vote) =>
    votes.reduce((sum, other) => sum + distance(vote.attempts, other.attempts), 0),
  );
  const central = votes[distances.indexOf(Math.min(...distances))];
  if (central === undefined) throw new Error("no votes to combine");
  return central;
}

function distance(a: readonly Attempt[], b: readonly Attempt[]): number {
  return a.reduce((sum, { start }, index) => sum + Math.abs(start - (b[index]?.start ?? start)), 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? upper)) / 2 : upper;
}

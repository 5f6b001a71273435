import fc from "fast-check";
import { expect, test } from "vitest";
import { combineVotes } from "./combine-votes.ts";
import type { ReadReply } from "./to-judgement.ts";

/** A vote whose attempts begin at the starts and have the scores given. */
function vote(...spans: [start: number, score: number][]): ReadReply {
  return {
    status: spans.length > 0 ? "scored" : "no-attempt",
    attempts: spans.map(([start, score], index) => ({
      start,
      end: spans[index + 1]?.[0] ?? 1000,
      restartPhrase: null,
      score,
      components: {},
    })),
    feedback: spans.map(() => "so"),
    rejected: [],
    assessment: `${spans.length} attempts`,
  };
}

test("the commonest number of attempts wins, and only its votes give scores", () => {
  const { attempts, status } = combineVotes([
    vote([0, 10], [50, 90]),
    vote([0, 99]),
    vote([0, 20], [52, 70]),
  ]);
  expect(status).toBe("scored");
  expect(attempts.map(({ score }) => score)).toEqual([15, 80]);
  expect(attempts[1]?.components).toEqual({ votes: 2, lowest: 70, highest: 90 });
});

test("where half of the votes see no restart, there is none", () => {
  expect(combineVotes([vote([0, 10], [50, 90]), vote([0, 30])]).attempts).toHaveLength(1);
  expect(combineVotes([vote([0, 10]), vote()]).status).toBe("no-attempt");
});

test("boundaries are those of the vote nearest to the others", () => {
  const found = combineVotes([vote([0, 1], [10, 1]), vote([0, 1], [50, 1]), vote([0, 1], [55, 1])]);
  expect(found.attempts[1]?.start).toBe(50);
});

test("a single vote stays as it is, equal votes change nothing but the components, and order does not matter", () => {
  const span = fc.tuple(fc.nat(900), fc.integer({ min: 0, max: 100 }));
  const spans = fc
    .uniqueArray(span, { maxLength: 4, selector: ([start]) => start })
    .map((all) => all.sort(([a], [b]) => a - b));
  const one = spans.map((all) => vote(...all));
  const plain = ({ attempts }: ReadReply) => attempts.map(({ start, end, score }) => [start, end, score]);
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 7 }), (votes) => {
      const [first] = votes;
      if (first === undefined) return;
      expect(combineVotes([first])).toEqual(first);
      expect(plain(combineVotes([first, first, first]))).toEqual(plain(first));
      const scores = ({ attempts }: ReadReply) => attempts.map(({ score }) => score);
      expect(scores(combineVotes(votes.toReversed()))).toEqual(scores(combineVotes(votes)));
      const found = combineVotes(votes);
      const sizes = votes.map(({ attempts }) => attempts.length);
      expect(sizes).toContain(found.attempts.length);
      for (const { score } of found.attempts) expect(score).toBeGreaterThanOrEqual(0);
    }),
  );
});

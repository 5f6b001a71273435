import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Attempt } from "./judge.ts";
import { verifyAttempts } from "./verify-attempts.ts";

const response = "A dragon slept. Wait, let me start over. Crack three eggs.";

function attempt(part: Partial<Attempt>): Attempt {
  return { start: 0, end: 15, restartPhrase: null, score: 50, components: {}, ...part };
}

const second = attempt({ start: 16, end: response.length, restartPhrase: "Wait, let me start over." });

describe("an attempt must be in the text", () => {
  test("attempts that are there are accepted as they are", () => {
    const attempts = [attempt({}), second];
    expect(verifyAttempts({ response, attempts })).toEqual({ accepted: attempts, rejected: [] });
  });

  test.each([
    ["a start before the text", { start: -1 }, "out-of-bounds"],
    ["an end past the text", { end: response.length + 1 }, "out-of-bounds"],
    ["an empty span", { start: 3, end: 3 }, "out-of-bounds"],
    ["a span that ends before it begins", { start: 5, end: 3 }, "out-of-bounds"],
    ["an offset that is no number", { start: Number.NaN }, "out-of-bounds"],
    ["a fraction of a character", { end: 3.5 }, "out-of-bounds"],
    ["a phrase that is nowhere", { restartPhrase: "Oops" }, "phrase-absent"],
    ["a phrase that is elsewhere", { restartPhrase: "Wait, let me start over." }, "phrase-absent"],
    [
      "a phrase that outlasts its attempt",
      { start: 16, end: 20, restartPhrase: "Wait, let" },
      "phrase-absent",
    ],
    ["an empty phrase", { restartPhrase: "" }, "phrase-absent"],
    ["a score above 100", { score: 101 }, "score-out-of-range"],
    ["a score that is no number", { score: Number.NaN }, "score-out-of-range"],
  ])("%s is rejected and counted", (_, part, reason) => {
    const wrong = attempt(part);
    expect(verifyAttempts({ response, attempts: [wrong] })).toEqual({
      accepted: [],
      rejected: [{ attempt: wrong, reason }],
    });
  });

  test("an overlapping or earlier attempt is rejected, the one after it is not", () => {
    const overlapping = attempt({ start: 10, end: 16 });
    const verified = verifyAttempts({ response, attempts: [attempt({}), overlapping, second] });
    expect(verified.accepted).toEqual([attempt({}), second]);
    expect(verified.rejected).toEqual([{ attempt: overlapping, reason: "overlapping" }]);
  });

  test("no attempt is lost, and the accepted ones are disjoint and in order", () => {
    const span = fc.record({
      start: fc.integer({ min: -5, max: 70 }),
      end: fc.integer({ min: -5, max: 70 }),
    });
    fc.assert(
      fc.property(fc.array(span.map(attempt)), (attempts) => {
        const { accepted, rejected } = verifyAttempts({ response, attempts });
        expect(accepted.length + rejected.length).toBe(attempts.length);
        accepted.forEach(({ start, end }, i) => {
          expect(start).toBeGreaterThanOrEqual(accepted[i - 1]?.end ?? 0);
          expect(end).toBeLessThanOrEqual(response.length);
        });
      }),
    );
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { referenceJudgements } from "./judgements.ts";

const RESPONSE = "Bees hum over the clover. Wait, I will start over. Beat three eggs.";

function judge(attempts: { text: string | null; score: number | null }[], response = RESPONSE) {
  return referenceJudgements({
    response,
    said: { kind: "attempts", attempts, flawedScores: 0, raw: "reply" },
  });
}

it("the strict judge rejects what the response does not have; the raw one keeps it and says where it guessed", () => {
  const { strict, raw, attempts } = judge([
    { text: "Bees hum over the clover.", score: 10 },
    { text: "I will try again with an altogether other answer.", score: 90 },
  ]);
  expect(strict).toMatchObject({
    status: "scored",
    attempts: [{ score: 10 }],
    detail: { rejectedAttempts: 1 },
  });
  expect(raw).toMatchObject({
    status: "scored",
    attempts: [
      { score: 10, components: { located: 1 } },
      { start: 25, end: RESPONSE.length, score: 90, components: { located: 0 } },
    ],
    detail: { guessedAttempts: 1, rawResponse: "reply" },
  });
  expect(attempts).toEqual({ given: 2, located: 1, approximate: 0, absent: 1, flawedScores: 0 });
});

it("without its first scored attempt the strict judgement is unparsable: first and last could not be told", () => {
  const { strict, raw } = judge([
    { text: "The ships lie in the harbour.", score: 5 },
    { text: "Beat three eggs.", score: 85 },
  ]);
  expect(strict).toMatchObject({ status: "unparsable", attempts: [] });
  expect(raw.attempts.map(({ score }) => score)).toEqual([5, 85]);
});

it("an unscored first attempt that is absent hides nothing", () => {
  const { strict } = judge([
    { text: "The ships lie in the harbour.", score: null },
    { text: "Beat three eggs.", score: 85 },
  ]);
  expect(strict).toMatchObject({ status: "scored", attempts: [{ score: 85 }] });
});

it("a response that can't hold the attempts is a failure and no guess", () => {
  const { raw } = judge(
    [
      { text: "a", score: 1 },
      { text: "b", score: 2 },
    ],
    "x",
  );
  expect(raw).toMatchObject({ status: "failed", attempts: [] });
});

it("the raw judge keeps every score, in spans that the store accepts", () => {
  const attempt = fc.record({
    text: fc.constantFrom(
      null,
      "Bees hum over the clover.",
      "Wait, I will start over.",
      "Beat three eggs.",
      "B",
      "nothing of it",
    ),
    score: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 1, maxLength: 6 }), (given) => {
      const { raw } = judge(given);
      expect(raw.attempts.map(({ score }) => score)).toEqual(given.map(({ score }) => score));
      let from = 0;
      for (const { start, end } of raw.attempts) {
        expect(start).toBeGreaterThanOrEqual(from);
        expect(end).toBeGreaterThan(start);
        from = end;
      }
      expect(from).toBeLessThanOrEqual(RESPONSE.length);
    }),
  );
});

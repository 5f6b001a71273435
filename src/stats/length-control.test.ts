import fc from "fast-check";
import { expect, test } from "vitest";
import { lengthControl } from "./length-control.ts";

const sized = fc.record({
  length: fc.integer({ min: 1, max: 500 }),
  score: fc.integer({ min: 0, max: 100 }),
});
const trials = [{ first: { length: 50, score: 5 }, last: { length: 400, score: 80 } }];

test("where longer attempts score more, length explains the improvement; where they don't, it explains a coin's share", () => {
  const rising = Array.from({ length: 200 }, (_, i) => ({ length: 2 * i, score: i / 2 }));
  expect(lengthControl({ trials, single: rising }).expected).toBe(1);
  const flat = Array.from({ length: 200 }, (_, i) => ({ length: 2 * i, score: i % 2 }));
  expect(lengthControl({ trials, single: flat }).expected).toBeCloseTo(0.25, 12);
});

test("too few single attempts explain nothing, and that is said", () => {
  expect(lengthControl({ trials, single: [{ length: 3, score: 9 }] })).toEqual({ expected: null, single: 1 });
});

test("the expectation lies between none and all of the trials, whatever the order of the data", () => {
  const pairs = fc.array(fc.record({ first: sized, last: sized }), { maxLength: 6 });
  fc.assert(
    fc.property(pairs, fc.array(sized, { minLength: 20, maxLength: 60 }), (some, single) => {
      const { expected } = lengthControl({ trials: some, single });
      expect(expected).toBeGreaterThanOrEqual(0);
      expect(expected).toBeLessThanOrEqual(some.length);
      expect(lengthControl({ trials: some, single: single.toReversed() }).expected).toBeCloseTo(
        expected ?? -1,
        9,
      );
    }),
  );
});

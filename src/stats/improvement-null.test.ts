import fc from "fast-check";
import { expect, test } from "vitest";
import { improvementNull } from "./improvement-null.ts";

test("two different scores improve by chance half the time, equal ones never", () => {
  expect(
    improvementNull({
      trials: [
        [10, 60],
        [20, 90],
      ],
    }),
  ).toEqual({
    trials: 2,
    improved: 2,
    shuffledExpected: 1,
    shuffledP: 0.25,
    swappedExpected: 2,
  });
  expect(improvementNull({ trials: [[50, 50]] })).toMatchObject({ shuffledExpected: 0, shuffledP: 1 });
});

test("a constant last attempt is as good when it comes from another trial", () => {
  const trials = [5, 10, 20, 30].map((first) => [first, 80]);
  expect(improvementNull({ trials }).swappedExpected).toBe(4);
  expect(improvementNull({ trials: [[5, 80]] }).swappedExpected).toBeNull();
});

test("expectations equal those by listing all orders and all swaps", () => {
  const trial = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(trial, { minLength: 2, maxLength: 6 }), fc.constantFrom(0, 2), (trials, margin) => {
      const orders = (xs: number[]): number[][] =>
        xs.length === 0 ? [[]] : xs.flatMap((x, i) => orders(xs.toSpliced(i, 1)).map((rest) => [x, ...rest]));
      const better = (xs: number[]): boolean => (xs.at(-1) ?? 0) - (xs[0] ?? 0) > margin;
      const shuffled = trials.reduce((sum, scores) => {
        const all = orders(scores);
        return sum + all.filter(better).length / all.length;
      }, 0);
      let swapped = 0;
      trials.forEach((a, i) => {
        trials.forEach((b, j) => {
          swapped += i === j ? 0 : Number((b.at(-1) ?? 0) - (a[0] ?? 0) > margin) / (trials.length - 1);
        });
      });
      const result = improvementNull({ trials, margin });
      expect(result.shuffledExpected).toBeCloseTo(shuffled, 10);
      expect(result.swappedExpected).toBeCloseTo(swapped, 10);
      expect(result.shuffledP).toBeGreaterThanOrEqual(0);
      expect(result.shuffledP).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});

test("single-attempt trials have no order and are refused", () => {
  expect(() => improvementNull({ trials: [[10]] })).toThrow(RangeError);
});

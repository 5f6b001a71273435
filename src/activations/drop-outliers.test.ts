import fc from "fast-check";
import { expect, it } from "vitest";
import { dropOutliers } from "./drop-outliers.ts";

it("drops exactly the rows beyond the ratio, and keeps the others in their order", () => {
  // one number a row, so that its norm is its size
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 }),
      fc.double({ min: 1, max: 4, noNaN: true }),
      (numbers, ratio) => {
        const values = Float32Array.from(numbers);
        const kept = dropOutliers({ values, count: numbers.length, dModel: 1, ratio });
        const median = numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;
        expect([...values.subarray(0, kept)]).toEqual(numbers.filter((number) => number <= ratio * median));
        expect(kept).toBeGreaterThanOrEqual(numbers.length / 2);
      },
    ),
  );
});

it("moves whole rows", () => {
  const values = Float32Array.of(0, 3, 300, 400, 4, 0, 2, 1);
  expect(dropOutliers({ values, count: 4, dModel: 2, ratio: 10 })).toBe(3);
  expect([...values.subarray(0, 6)]).toEqual([0, 3, 4, 0, 2, 1]);
});

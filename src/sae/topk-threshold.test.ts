import fc from "fast-check";
import { expect, test } from "vitest";
import { kthLargest } from "./topk-threshold.ts";

const floats = fc.float32Array({ minLength: 1, maxLength: 200, noNaN: true });

test("equals the k-th of a descending sort, duplicates included", () => {
  fc.assert(
    fc.property(floats, fc.nat(), (values, pick) => {
      const k = (pick % values.length) + 1;
      const sorted = [...values].sort((a, b) => b - a);
      // === and not toBe, because 0 and -0 are the same threshold
      expect(kthLargest({ values, k }) === sorted[k - 1]).toBe(true);
    }),
  );
});

test("sees only its window and leaves the row as it was", () => {
  const values = Float32Array.of(9, 1, 5, 3, 9);
  expect(kthLargest({ values, k: 2, offset: 1, length: 3 })).toBe(3);
  expect([...values]).toEqual([9, 1, 5, 3, 9]);
});

test("a scratch heap used before does not leak into the answer", () => {
  const heap = Float32Array.of(100, 100, 100, 100);
  expect(kthLargest({ values: Float32Array.of(1, 2, 3), k: 2, heap })).toBe(2);
});

test("NaN never counts, and too few values give -Infinity", () => {
  expect(kthLargest({ values: Float32Array.of(Number.NaN, 2, 1), k: 2 })).toBe(1);
  expect(kthLargest({ values: Float32Array.of(Number.NaN, 2), k: 2 })).toBe(Number.NEGATIVE_INFINITY);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { interleaveHalves, separateHalves } from "./rope-rows.ts";

test("features that transformers rotates together become neighbours, head by head", () => {
  // two heads of four rows, two columns; a row is named by its first number
  const values = Float32Array.from([0, 0, 1, 1, 2, 2, 3, 3, 10, 10, 11, 11, 12, 12, 13, 13]);
  const rows = interleaveHalves({ values, heads: 2, columns: 2 }).filter((_, i) => i % 2 === 0);
  expect([...rows]).toEqual([0, 2, 1, 3, 10, 12, 11, 13]);
});

test("separating undoes interleaving for any heads, rows and columns", () => {
  const sizes = fc.record({
    heads: fc.integer({ min: 1, max: 5 }),
    half: fc.integer({ min: 1, max: 6 }),
    columns: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(sizes, ({ heads, half, columns }) => {
      const values = Float32Array.from({ length: heads * 2 * half * columns }, (_, i) => i);
      const there = interleaveHalves({ values, heads, columns });
      expect(separateHalves({ values: there, heads, columns })).toEqual(values);
      expect(there.toSorted()).toEqual(values);
    }),
  );
});

test("rows that are no pairs for each head are refused", () => {
  expect(() => interleaveHalves({ values: new Float32Array(6), heads: 2, columns: 1 })).toThrow(RangeError);
});

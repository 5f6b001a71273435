import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOn, roundMax } from "./scale.ts";

test("the end of an axis reaches every value and is not far beyond", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
      const most = Math.max(...values);
      const end = roundMax(values);
      expect(end).toBeGreaterThanOrEqual(most * (1 - 1e-8));
      expect(end).toBeLessThanOrEqual(most * 2.5);
    }),
  );
});

test("an axis without values ends at 1", () => {
  expect([roundMax([]), roundMax([null, 0]), roundMax([Number.POSITIVE_INFINITY])]).toEqual([1, 1, 1]);
});

test("a place never leaves the axis", () => {
  expect([
    placeOn(-5, 0, 10),
    placeOn(5, 0, 10),
    placeOn(50, 0, 10),
    placeOn(0, -1, 1),
    placeOn(3, 2, 2),
  ]).toEqual([0, 0.5, 1, 0.5, 0]);
});

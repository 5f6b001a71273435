import fc from "fast-check";
import { expect, test } from "vitest";
import { normalCdf, normalInverse } from "./normal.ts";

test("known values, from the centre to the far tail", () => {
  expect(normalCdf(0)).toBe(0.5);
  expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
  expect(normalCdf(-3.090232306167813) / 0.001).toBeCloseTo(1, 12);
  // Abramowitz and Stegun, table 26.2
  expect(normalCdf(-5) / 2.866515718791939e-7).toBeCloseTo(1, 12);
  expect(normalCdf(-10) / 7.619853024160527e-24).toBeCloseTo(1, 12);
});

test("the inverse inverts where intervals need it", () => {
  fc.assert(
    fc.property(fc.double({ min: -6, max: 5, noNaN: true }), (z) => {
      expect(normalInverse(normalCdf(z))).toBeCloseTo(z, 8);
    }),
  );
});

test("increasing, with infinite ends", () => {
  const grid = Array.from({ length: 801 }, (_, i) => normalCdf(-4 + i / 100));
  grid.slice(1).forEach((value, i) => {
    expect(value).toBeGreaterThan(grid[i] ?? Number.NaN);
  });
  expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
});

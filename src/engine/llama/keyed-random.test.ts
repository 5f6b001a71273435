import fc from "fast-check";
import { expect, test } from "vitest";
import { keyedUniform } from "./keyed-random.ts";

const integer = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test("every key gives one number in [0, 1)", () => {
  fc.assert(
    fc.property(integer, integer, (seed, index) => {
      const u = keyedUniform(seed, index);
      return u >= 0 && u < 1 && u === keyedUniform(seed, index);
    }),
  );
});

test("numbers are uniform over indices and over seeds, and neighbours are uncorrelated", () => {
  for (const draw of [(i: number) => keyedUniform(7, i), (i: number) => keyedUniform(i, 3)]) {
    const n = 20_000;
    const bins = new Array<number>(20).fill(0);
    let lag = 0;
    for (let i = 0; i < n; i++) {
      const bin = Math.floor(draw(i) * 20);
      bins[bin] = (bins[bin] ?? 0) + 1;
      lag += (draw(i) - 0.5) * (draw(i + 1) - 0.5);
    }
    const chiSquare = bins.reduce((sum, count) => sum + (count - n / 20) ** 2 / (n / 20), 0);
    // 19 degrees of freedom: 43.8 is the 0.1 % point
    expect(chiSquare).toBeLessThan(43.8);
    expect(Math.abs((lag / n) * 12)).toBeLessThan(0.03);
  }
});

test("seeds beyond 32 bits differ in their upper part", () => {
  expect(keyedUniform(1, 0)).not.toBe(keyedUniform(1 + 2 ** 32, 0));
});

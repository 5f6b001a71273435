import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logMeanExp, spanMean, topicalityCurve } from "./topicality.ts";

const logProb = fc.float({ min: -30, max: 0, noNaN: true });
const rows = fc
  .integer({ min: 1, max: 12 })
  .chain((tokens) =>
    fc.array(fc.array(logProb, { minLength: tokens, maxLength: tokens }), { minLength: 2, maxLength: 6 }),
  )
  .map((all) => all.map((row) => Float32Array.from(row)));

describe("topicality", () => {
  test("is zero where every prompt says the same", () => {
    const row = Float32Array.of(-1, -2.5, 0);
    expect([...topicalityCurve({ own: row, contrasts: [row, row, row] })]).toEqual([0, 0, 0]);
  });

  test("of one contrast is the difference of log-probabilities", () => {
    const curve = topicalityCurve({ own: Float32Array.of(-1, -2), contrasts: [Float32Array.of(-4, -1)] });
    expect([...curve]).toEqual([3, -1]);
  });

  test("does not depend on the order of contrasts, and lies between the differences to each", () => {
    fc.assert(
      fc.property(rows, ([own = new Float32Array(), ...contrasts]) => {
        const curve = topicalityCurve({ own, contrasts });
        const reversed = topicalityCurve({ own, contrasts: contrasts.toReversed() });
        curve.forEach((value, t) => {
          const differences = contrasts.map((row) => (own[t] ?? 0) - (row[t] ?? 0));
          expect(value).toBeCloseTo(reversed[t] ?? Number.NaN, 4);
          expect(value).toBeGreaterThanOrEqual(Math.min(...differences) - 1e-4);
          expect(value).toBeLessThanOrEqual(Math.max(...differences) + 1e-4);
        });
      }),
    );
  });

  test("a contrast that finds a token absurd adds no more than the log of their number", () => {
    const own = Float32Array.of(-1);
    const calm = topicalityCurve({ own, contrasts: [Float32Array.of(-1)] });
    const absurd = topicalityCurve({ own, contrasts: [Float32Array.of(-1), Float32Array.of(-1000)] });
    expect(absurd[0]).toBeCloseTo((calm[0] ?? 0) + Math.log(2), 6);
  });

  test("refuses rows of unequal length, and no contrast", () => {
    expect(() => topicalityCurve({ own: Float32Array.of(-1), contrasts: [] })).toThrow(RangeError);
    expect(() => topicalityCurve({ own: Float32Array.of(-1), contrasts: [new Float32Array(2)] })).toThrow(
      RangeError,
    );
  });
});

describe("helpers", () => {
  test("logMeanExp is exact at the extremes", () => {
    expect(logMeanExp([-2000, -2000])).toBe(-2000);
    expect(logMeanExp([Math.log(0.2), Math.log(0.4)])).toBeCloseTo(Math.log(0.3), 12);
    expect(logMeanExp([Number.NEGATIVE_INFINITY, Math.log(0.5)])).toBeCloseTo(Math.log(0.25), 12);
    expect(logMeanExp([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
  });

  test("spanMean is over the half-open span; nothing has no mean", () => {
    expect(spanMean({ values: [1, 2, 30], span: { from: 1, to: 3 } })).toBe(16);
    expect(spanMean({ values: [1, 2, 3] })).toBe(2);
    expect(spanMean({ values: [1], span: { from: 1, to: 1 } })).toBeNaN();
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fluencyOf, measureFluency, ramp, repetitionOf } from "./fluency.ts";

const whole = (tokens: readonly number[]) => repetitionOf({ tokens, span: { from: 0, to: tokens.length } });

describe("repetition", () => {
  test("is 0 where no three tokens come again, and near 1 in a loop", () => {
    expect(whole([1, 2, 3, 4, 5, 6])).toBe(0);
    expect(whole(Array.from({ length: 102 }, (_, i) => i % 2))).toBe(0.98);
    expect(whole([7, 7])).toBe(0);
  });

  test("counts only within the span and within 64 tokens", () => {
    const far = [1, 2, 3, ...Array.from({ length: 70 }, (_, i) => 100 + i), 1, 2, 3];
    expect(whole(far)).toBe(0);
    expect(repetitionOf({ tokens: [1, 2, 3, 1, 2, 3], span: { from: 3, to: 6 } })).toBe(0);
  });

  test("does not depend on which ids the tokens have", () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(tokens, (ids) => {
        expect(whole(ids.map((id) => 1000 - 7 * id))).toBe(whole(ids));
      }),
    );
  });
});

test("measures are those of the span alone", () => {
  const { logProb, dispersion } = measureFluency({
    logProbs: [-100, -1, -3, -100],
    tokens: [1, 2, 3, 4],
    span: { from: 1, to: 3 },
  });
  expect(logProb).toBe(-2);
  expect(dispersion).toBe(1);
});

describe("fluency", () => {
  const anchors = {
    logProb: { one: -2, zero: -6 },
    dispersion: { one: 2, zero: 4 },
    repetition: { one: 0.1, zero: 0.5 },
  };
  const at = (logProb: number, dispersion: number, repetition: number) =>
    fluencyOf({ measures: { logProb, dispersion, repetition }, anchors });

  test("is the worst of the three measures", () => {
    expect(at(-1, 1, 0)).toBe(1);
    expect(at(-4, 1, 0)).toBe(0.5);
    expect(at(-1, 3.5, 0)).toBe(0.25);
    expect(at(-1, 1, 0.4)).toBeCloseTo(0.25, 12);
    expect(at(-4, 3.5, 0.4)).toBeCloseTo(0.25, 12);
    expect(at(-1, 1, 0.9)).toBe(0);
  });

  test("a ramp stays in 0-1 in either direction", () => {
    const value = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(value, value, value, (x, one, zero) => {
        fc.pre(one !== zero);
        expect(ramp(x, { one, zero })).toBeGreaterThanOrEqual(0);
        expect(ramp(x, { one, zero })).toBeLessThanOrEqual(1);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latentScale, topicalityScale } from "./tones.ts";

const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

describe("topicalityScale", () => {
  it("is odd: on and off topic of one size have tones of one size", () => {
    fc.assert(
      fc.property(value, fc.boolean(), (each, smoothed) => {
        const { toneOf } = topicalityScale({ smoothed });
        expect(toneOf(-each) + toneOf(each)).toBe(0);
      }),
    );
  });

  it("never falls where the value rises", () => {
    fc.assert(
      fc.property(value, value, fc.boolean(), (a, b, smoothed) => {
        const { toneOf } = topicalityScale({ smoothed });
        expect(toneOf(Math.min(a, b))).toBeLessThanOrEqual(toneOf(Math.max(a, b)));
      }),
    );
  });
});

describe("latentScale", () => {
  it("gives tone 0 to what does not fire and the highest to the largest value", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 1e-6, max: 1e6 }), (max) => {
        const { toneOf } = latentScale({ max });
        expect([toneOf(null), toneOf(0), toneOf(max), toneOf(2 * max)]).toEqual([0, 0, 5, 5]);
        expect(toneOf(max / 1000)).toBe(1);
      }),
    );
  });

  it("colours nothing where the latent never fires", () => {
    const { toneOf, legend } = latentScale({ max: 0 });
    expect([toneOf(0), toneOf(1)]).toEqual([0, 0]);
    expect(legend).toHaveLength(1);
  });
});

it("names each tone once in the legend, from the lowest to the highest", () => {
  for (const { legend, toneOf } of [topicalityScale({ smoothed: true }), latentScale({ max: 7 })]) {
    const tones = legend.map(({ tone }) => tone);
    expect(tones).toEqual([...new Set(tones)].sort((a, b) => a - b));
    expect(tones).toContain(toneOf(1000));
  }
});

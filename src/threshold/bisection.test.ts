import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createPosterior,
  credibleInterval,
  evidenceOf,
  type Posterior,
  posteriorQuantiles,
  query,
  saturation,
  unbracketed,
  update,
} from "./bisection.ts";

const flat = (lo: number, hi: number): Posterior =>
  createPosterior({ lo, hi, priorMean: (lo + hi) / 2, priorStd: 1e6 * (hi - lo) });

describe("the paper's numbers (METHOD.md 5.1)", () => {
  test.each([
    ["70B", { lo: 0, hi: 100, priorMean: 7, priorStd: 5 }, 7.51],
    ["8B", { lo: 0, hi: 50, priorMean: 10, priorStd: 10 }, 12.0],
    ["Gemma 2B", { lo: 0, hi: 300, priorMean: 150, priorStd: 75 }, 150],
    ["Gemma 9B", { lo: 0, hi: 560, priorMean: 280, priorStd: 280 }, 280],
    ["Gemma 27B", { lo: 0, hi: 5000, priorMean: 1500, priorStd: 1500 }, 1782],
  ])("first query of %s is the median of the truncated prior", (_, prior, expected) => {
    const gridStep = (prior.hi - prior.lo) / 9999;
    expect(Math.abs(query(createPosterior(prior)) - expected)).toBeLessThan(
      0.005 + (expected > 1000 ? 0.5 : 0) + gridStep,
    );
  });

  test.each([
    [0, -1, 0.9473],
    [0.1, -1, 0.8319],
    [0.2, -1, 0.6627],
    [0.25, -1, 0.5675],
    [0.3, 1, 0.5282],
    [0.4, 1, 0.7032],
    [0.5, 1, 0.8369],
    [0.8, 1, 0.99],
    [1, 1, 0.9996],
  ])("target .3, score %f: direction %i with p %f", (score, direction, p) => {
    const evidence = evidenceOf({ score, target: 0.3 });
    expect(evidence.direction).toBe(direction);
    expect(evidence.p).toBeCloseTo(p, 4);
  });

  test("target .3: a score just below it flips the direction", () => {
    expect(evidenceOf({ score: 0.284, target: 0.3 }).direction).toBe(-1);
    expect(evidenceOf({ score: 0.287, target: 0.3 }).direction).toBe(1);
  });

  test.each([
    [0, 0.9931],
    [0.1, 0.9688],
    [0.2, 0.9123],
    [0.3, 0.8125],
    [0.4, 0.6698],
  ])("target .5, score %f: -1 with p %f, and mirrored above", (score, p) => {
    const below = evidenceOf({ score, target: 0.5 });
    expect(below.direction).toBe(-1);
    expect(below.p).toBeCloseTo(p, 4);
    const above = evidenceOf({ score: 1 - score, target: 0.5 });
    expect(above.direction).toBe(1);
    expect(above.p).toBeCloseTo(p, 4);
  });

  test("target .5, score .5 carries no information", () => {
    const prior = createPosterior({ lo: 0, hi: 50, priorMean: 10, priorStd: 10 });
    expect(evidenceOf({ score: 0.5, target: 0.5 }).p).toBeCloseTo(0.5, 12);
    const after = update(prior, { strength: query(prior), score: 0.5, target: 0.5 });
    expect(query(after)).toBe(query(prior));
  });

  test("an update moves mass p to its side, ratio p / (1 - p) at equal prior", () => {
    const prior = createPosterior({ lo: 0, hi: 4, priorMean: 2, priorStd: 1e9, grid: 5 });
    const { logDensity } = update(prior, { strength: 2, score: 0, target: 0.3 });
    const density = Array.from(logDensity, Math.exp);
    const p = 0.9473368552914762;
    expect(density[0]).toBe(1);
    expect(density[1]).toBe(1);
    expect(density[2]).toBeCloseTo(Math.sqrt(p * (1 - p)) / p, 12);
    expect(density[3]).toBeCloseTo((1 - p) / p, 12);
    const mirrored = update(prior, { strength: 2, score: 1, target: 0.7 });
    expect(Array.from(mirrored.logDensity).reverse()[3]).toBeCloseTo(logDensity[3] ?? Number.NaN, 12);
  });
});

describe("invariants", () => {
  const evidence = fc.record({
    strength: fc.double({ min: 0, max: 50, noNaN: true }),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    target: fc.constantFrom(0.05, 0.3, 0.5, 0.9),
    samples: fc.integer({ min: 1, max: 40 }),
  });

  test("the posterior stays usable whatever the evidence, and updates commute", () => {
    const prior = createPosterior({ lo: 0, hi: 50, priorMean: 10, priorStd: 0.05, grid: 500 });
    fc.assert(
      fc.property(fc.array(evidence, { maxLength: 12 }), (list) => {
        const forward = list.reduce(update, prior);
        const backward = list.toReversed().reduce(update, prior);
        expect(forward.logDensity.every(Number.isFinite)).toBe(true);
        forward.logDensity.forEach((value, i) => {
          const other = backward.logDensity[i] ?? Number.NaN;
          expect(Math.abs(value - other)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
        });
        const { lower, upper } = credibleInterval(forward, 0.9);
        expect(lower).toBeLessThanOrEqual(query(forward));
        expect(upper).toBeGreaterThanOrEqual(query(forward));
      }),
      { numRuns: 40 },
    );
  });

  test("an update leaves the old posterior as it was", () => {
    const prior = createPosterior({ lo: 0, hi: 50, priorMean: 10, priorStd: 10 });
    const copy = Float64Array.from(prior.logDensity);
    const after = update(prior, { strength: 20, score: 0.1, target: 0.3 });
    expect(prior.logDensity).toEqual(copy);
    expect(after.logDensity).not.toEqual(copy);
  });

  test("low scores move the query down, high scores up", () => {
    const prior = createPosterior({ lo: 0, hi: 50, priorMean: 10, priorStd: 10 });
    const at = query(prior);
    expect(query(update(prior, { strength: at, score: 0, target: 0.3 }))).toBeLessThan(at);
    expect(query(update(prior, { strength: at, score: 1, target: 0.3 }))).toBeGreaterThan(at);
  });

  test("a query measured at a grid point's own strength updates that point", () => {
    const prior = createPosterior({ lo: 0, hi: 50, priorMean: 25, priorStd: 1e9, grid: 1001 });
    for (let i = 1; i <= 1000; i++) {
      const strength = posteriorQuantiles(prior, [(i + 0.5) / 1001])[0] ?? Number.NaN;
      const after = update(prior, { strength, score: 0, target: 0.3 });
      const between = Array.from(after.logDensity).findIndex((value) => value < -0.5);
      expect(between).toBe(i);
    }
  });

  test("more samples of the same mean are more evidence, unless the weight is the paper's constant", () => {
    const one = evidenceOf({ score: 0.1, target: 0.3 });
    expect(evidenceOf({ score: 0.1, target: 0.3, samples: 5 }).p).toBeGreaterThan(one.p);
    expect(evidenceOf({ score: 0.1, target: 0.3, samples: 5, weighting: "constant" })).toEqual(one);
    expect(evidenceOf({ score: 0.1, target: 0.3, samples: 5 })).toEqual(
      evidenceOf({ score: 0.1, target: 0.3, weight: 25 }),
    );
  });

  test("impossible input is refused", () => {
    const prior = flat(0, 10);
    expect(() => update(prior, { strength: 11, score: 0.1, target: 0.3 })).toThrow(RangeError);
    expect(() => update(prior, { strength: 1, score: 30, target: 0.3 })).toThrow(RangeError);
    expect(() => update(prior, { strength: 1, score: Number.NaN, target: 0.3 })).toThrow(RangeError);
    expect(() => update(prior, { strength: 1, score: 0.3, target: 30 })).toThrow(RangeError);
    expect(() => evidenceOf({ score: 0.3, target: 0.3, samples: 0 })).toThrow(RangeError);
    expect(() => createPosterior({ lo: 1, hi: 1, priorMean: 1, priorStd: 1 })).toThrow(RangeError);
    expect(() => createPosterior({ lo: 0, hi: 1, priorMean: 1, priorStd: 0 })).toThrow(RangeError);
    expect(() => createPosterior({ lo: 0, hi: 1, priorMean: 1, priorStd: 1, grid: 1 })).toThrow(RangeError);
    expect(() => credibleInterval(prior, 1)).toThrow(RangeError);
  });
});

describe("saturation", () => {
  // the 27B search of METHOD.md 5.4 whose range was too low: every answer stayed on topic
  const afterConstant = (score: number): Posterior => {
    let posterior = createPosterior({ lo: 0, hi: 80, priorMean: 15, priorStd: 15 });
    for (let i = 0; i < 20; i++) {
      posterior = update(posterior, { strength: query(posterior), score, target: 0.3 });
    }
    return posterior;
  };

  test("scores that never fall put the mass at the high bound, scores that are always 0 at the low one", () => {
    expect(saturation(afterConstant(0.95))).toBe("high");
    expect(saturation(afterConstant(0))).toBe("low");
  });

  test("a prior and a root inside the range are no warning", () => {
    expect(saturation(createPosterior({ lo: 0, hi: 80, priorMean: 20, priorStd: 20 }))).toBeNull();
    expect(saturation(createPosterior({ lo: 0, hi: 100, priorMean: 7, priorStd: 5 }))).toBeNull();
    expect(saturation(flat(0, 1))).toBeNull();
  });

  test("a narrow prior can end far from both bounds without a bracketed root: the directions tell", () => {
    let posterior = createPosterior({ lo: 0, hi: 100, priorMean: 7, priorStd: 5 });
    for (let i = 0; i < 10; i++) {
      posterior = update(posterior, { strength: query(posterior), score: 0.95, target: 0.3 });
    }
    expect(saturation(posterior)).toBeNull();
    const high = evidenceOf({ score: 0.95, target: 0.3 });
    const low = evidenceOf({ score: 0.05, target: 0.3 });
    expect(unbracketed([high, high, high])).toBe("high");
    expect(unbracketed([low, low])).toBe("low");
    expect(unbracketed([low, high, low])).toBeNull();
    expect(unbracketed([])).toBeNull();
  });
});

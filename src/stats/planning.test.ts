import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { designEffect } from "./design-effect.ts";
import { powerTwoProportions, trialsNeeded } from "./power.ts";
import { createRng } from "./rng.ts";
import { verdictOf } from "./verdict.ts";

describe("design effect", () => {
  test("is the cluster size when all trials of a cluster are alike", () => {
    const observations = Array.from({ length: 40 }, (_, i) => ({
      value: Math.floor(i / 4) % 2,
      cluster: Math.floor(i / 4),
    }));
    const result = designEffect({ observations });
    expect(result).toMatchObject({ n: 40, clusters: 10, meanClusterSize: 4 });
    expect(result.icc).toBeCloseTo(1, 12);
    expect(result.designEffect).toBeCloseTo(4, 12);
    expect(result.effectiveN).toBeCloseTo(10, 12);
  });

  test("recovers a known correlation from unequal clusters", () => {
    const rng = createRng({ seed: 3 });
    const uniform = (): number => (rng.next() - 0.5) * Math.sqrt(12);
    const observations = Array.from({ length: 3000 }, (_, cluster) => {
      const shared = uniform();
      return Array.from({ length: 2 + (cluster % 5) }, () => ({
        value: Math.sqrt(0.3) * shared + Math.sqrt(0.7) * uniform(),
        cluster,
      }));
    }).flat();
    expect(designEffect({ observations }).icc).toBeCloseTo(0.3, 1);
  });

  test("is 1 for clusters of size one and unknown where nothing varies", () => {
    expect(
      designEffect({ observations: [1, 0].map((value, cluster) => ({ value, cluster })) }),
    ).toMatchObject({
      icc: null,
      designEffect: 1,
      effectiveN: 2,
    });
    const flat = [0, 0, 1, 1].map((cluster) => ({ value: 0, cluster }));
    expect(designEffect({ observations: flat })).toMatchObject({ icc: null, designEffect: null });
    expect(designEffect({ observations: [] })).toMatchObject({ n: 0, designEffect: null });
  });

  test("a negative correlation never makes the sample look larger", () => {
    const observations = [0, 1, 0, 1, 0, 1].map((value, i) => ({ value, cluster: Math.floor(i / 2) }));
    const result = designEffect({ observations });
    expect(result.icc).toBeLessThan(0);
    expect(result).toMatchObject({ designEffect: 1, effectiveN: 6 });
  });
});

describe("power", () => {
  const rate = fc.double({ min: 0.001, max: 0.999, noNaN: true });

  test("the trials needed have the power asked for", () => {
    fc.assert(
      fc.property(rate, rate, fc.constantFrom(0.5, 0.8, 0.95), (p1, p2, power) => {
        fc.pre(Math.abs(p1 - p2) > 1e-4);
        const { perArm } = trialsNeeded({ p1, p2, power, icc: 0.2, clusterSize: 5 });
        expect(
          powerTwoProportions({ p1, p2, perArm: perArm ?? Number.NaN, icc: 0.2, clusterSize: 5 }),
        ).toBeCloseTo(power, 8);
      }),
    );
  });

  test("clustering multiplies the trials by the design effect", () => {
    const plain = trialsNeeded({ p1: 0.038, p2: 0.028 });
    const clustered = trialsNeeded({ p1: 0.038, p2: 0.028, icc: 0.25, clusterSize: 5 });
    expect(clustered.designEffect).toBe(2);
    expect(clustered.perArm).toBeCloseTo(2 * (plain.perArm ?? Number.NaN), 8);
    expect(clustered.clustersPerArm).toBe(1993);
  });

  test("equal rates can't be told apart, and nonsense is refused", () => {
    expect(trialsNeeded({ p1: 0.1, p2: 0.1 }).perArm).toBeNull();
    expect(() => trialsNeeded({ p1: 1.1, p2: 0.1 })).toThrow(RangeError);
    expect(() => trialsNeeded({ p1: 0.2, p2: 0.1, power: 1 })).toThrow(RangeError);
  });
});

describe("verdict", () => {
  const interval = (lower: number | null, upper: number | null) => ({
    estimate: 0,
    lower,
    upper,
    level: 0.95,
    method: "percentile" as const,
  });
  const rates = { referenceRate: 0.038, treatmentRate: 0.028, perArm: 500 };

  test("names a direction only when the interval excludes 0", () => {
    expect(verdictOf({ ...rates, difference: interval(0.01, 0.02) }).verdict).toBe("higher");
    expect(verdictOf({ ...rates, difference: interval(-0.02, -0.01) }).verdict).toBe("lower");
    expect(verdictOf({ ...rates, difference: interval(-0.02, 0) }).verdict).toBe("cannot-tell");
    expect(verdictOf({ ...rates, difference: interval(null, null) }).verdict).toBe("cannot-tell");
  });

  test("calls arms equal only when the interval lies within the margin", () => {
    const inside = { ...rates, difference: interval(-0.012, 0.004), smallestDifference: 0.01 };
    expect(verdictOf(inside).verdict).toBe("cannot-tell");
    expect(verdictOf({ ...inside, narrower: interval(-0.009, 0.003) })).toMatchObject({
      verdict: "equivalent",
      text: "does not differ by as much as 1 points",
    });
    expect(verdictOf({ ...inside, smallestDifference: 0.02 }).verdict).toBe("equivalent");
  });

  test("says how many trials would tell", () => {
    expect(verdictOf({ ...rates, difference: interval(-0.03, 0.01) })).toEqual({
      verdict: "cannot-tell",
      needed: 4982,
      text: "cannot tell at this n (500 an arm); needs about 4982 an arm",
    });
  });

  test("never asks for fewer trials than there are, nor plans for a difference not worth finding", () => {
    const difference = interval(-0.1, 0.1);
    expect(verdictOf({ ...rates, perArm: 9000, difference }).needed).toBe(9001);
    const equal = verdictOf({ referenceRate: 0, treatmentRate: 0, perArm: 100, difference });
    expect(equal.needed).toBe(Math.ceil(trialsNeeded({ p1: 0, p2: 0.01 }).perArm ?? Number.NaN));
    const top = verdictOf({ referenceRate: 1, treatmentRate: 1, perArm: 100, difference });
    expect(top.needed).toBe(equal.needed);
    expect(verdictOf({ referenceRate: null, treatmentRate: 0, perArm: 0, difference }).needed).toBeNull();
  });
});

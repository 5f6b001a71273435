import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusterDifference } from "./cluster-difference.ts";
import { clusterLogit } from "./cluster-logit.ts";
import { clusterVariance } from "./cluster-variance.ts";
import type { RatioObservation } from "./clusters.ts";
import { studentCritical } from "./student-t.ts";

const observation = fc.record({
  numerator: fc.constantFrom(0, 1),
  denominator: fc.constant(1),
  cluster: fc.integer({ min: 0, max: 12 }),
  crossCluster: fc.integer({ min: 0, max: 5 }),
});
const observations = fc.array(observation, { minLength: 1, maxLength: 80 });

test("critical values are Student's", () => {
  expect(studentCritical({ level: 0.95, df: 1 })).toBeCloseTo(12.70620473643, 9);
  expect(studentCritical({ level: 0.95, df: 4 })).toBeCloseTo(2.776445105198, 9);
  expect(studentCritical({ level: 0.99, df: 30 })).toBeCloseTo(2.749995653567, 9);
  expect(studentCritical({ level: 0.95, df: 1e6 })).toBeCloseTo(1.96, 3);
});

describe("the variance of a rate", () => {
  test("of clusters of one is the ordinary one of a proportion, with n - 1", () => {
    const one = [1, 0, 0, 1, 0].map((numerator, cluster) => ({ numerator, denominator: 1, cluster }));
    expect(clusterVariance({ observations: one }).variance).toBeCloseTo((0.4 * 0.6) / 4, 12);
  });

  test("of copies is that of the originals: doubling every trial within its latent tells nothing new", () => {
    fc.assert(
      fc.property(observations, (some) => {
        const [once, twice] = [some, [...some, ...some]].map(
          (each) => clusterVariance({ observations: each }).variance,
        );
        if (once === null || once === undefined) expect(twice).toBe(once);
        else expect(twice).toBeCloseTo(once, 10);
      }),
    );
  });

  test("by latent and prompt is never below either alone", () => {
    fc.assert(
      fc.property(observations, (some) => {
        const both = clusterVariance({ observations: some, twoWay: true }).variance;
        const latent = clusterVariance({ observations: some }).variance;
        if (both !== null && latent !== null) expect(both).toBeGreaterThanOrEqual(latent - 1e-15);
      }),
    );
  });
});

describe("the interval of a rate", () => {
  test("lies in [0, 1], holds the rate, and has a width", () => {
    fc.assert(
      fc.property(observations, fc.boolean(), (some, twoWay) => {
        const { estimate, lower, upper } = clusterLogit({ observations: some, twoWay });
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower).toBeLessThanOrEqual((estimate ?? Number.NaN) + 1e-12);
        expect(upper).toBeGreaterThanOrEqual((estimate ?? Number.NaN) - 1e-12);
        expect((upper ?? 0) - (lower ?? 0)).toBeGreaterThan(0);
      }),
    );
  });

  test("counts only latents where every trial of a latent is alike", () => {
    const alike: RatioObservation[] = Array.from({ length: 200 }, (_, i) => ({
      numerator: Number(i % 20 === 0),
      denominator: 1,
      cluster: i % 20,
    }));
    const spread = alike.map((each, i) => ({ ...each, cluster: i }));
    const width = ({ lower, upper }: { lower: number | null; upper: number | null }) =>
      (upper ?? 0) - (lower ?? 0);
    expect(width(clusterLogit({ observations: alike }))).toBeGreaterThan(
      2.5 * width(clusterLogit({ observations: spread })),
    );
  });

  test("without a success, or without anything, says what is known and not more", () => {
    const none = Array.from({ length: 40 }, (_, i) => ({ numerator: 0, denominator: 1, cluster: i % 8 }));
    expect(clusterLogit({ observations: none })).toMatchObject({
      estimate: 0,
      lower: 0,
      method: "score-clusters",
      n: 40,
    });
    expect(clusterLogit({ observations: [] })).toMatchObject({ estimate: null, method: "no-data", n: 0 });
  });

  test("of a subset has the subset's trials as its denominator", () => {
    const some = [0, 1, 1, 0, 1].map((numerator, i) => ({
      numerator,
      denominator: Number(i > 0),
      cluster: i,
    }));
    expect(clusterLogit({ observations: some })).toMatchObject({ estimate: 0.75, n: 4, clusters: 4 });
  });
});

describe("the difference of paired arms", () => {
  test("is the t interval of the latents' differences where latents are of one size", () => {
    const perLatent = [0.5, -0.5, 0.5, 0, 0.5];
    const pairs = perLatent.flatMap((mean, cluster) => [
      { numerator: Math.ceil(mean), denominator: 1, cluster },
      { numerator: Math.floor(mean), denominator: 1, cluster },
    ]);
    const mean = 0.2;
    const deviation = Math.sqrt(perLatent.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 4);
    const half = 2.7764451051977987 * (deviation / Math.sqrt(5));
    const { estimate, lower, upper, method } = clusterDifference({ pairs });
    expect(method).toBe("cluster-t");
    expect(estimate).toBeCloseTo(mean, 12);
    expect(lower).toBeCloseTo(mean - half, 9);
    expect(upper).toBeCloseTo(mean + half, 9);
  });

  test("that no latent shows has no bounds: it is not known to be small", () => {
    const pairs = [0, 0, 0].map((numerator, cluster) => ({ numerator, denominator: 1, cluster }));
    expect(clusterDifference({ pairs })).toMatchObject({ estimate: 0, lower: null, method: "undetermined" });
    expect(clusterDifference({ pairs: [] })).toMatchObject({ estimate: null, method: "no-data" });
  });
});

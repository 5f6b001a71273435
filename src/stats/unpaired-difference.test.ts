import fc from "fast-check";
import { expect, test } from "vitest";
import { clusterDifference } from "./cluster-difference.ts";
import type { RatioObservation } from "./clusters.ts";
import { createRng } from "./rng.ts";
import { welchT } from "./t-test.ts";
import { unpairedDifference } from "./unpaired-difference.ts";

const one = (numerator: number, cluster: string | number): RatioObservation => ({
  numerator,
  denominator: 1,
  cluster,
});

const outcomes = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 5 })), {
  minLength: 12,
  maxLength: 40,
});

test("where both arms have every unit, it is the paired difference by cluster", () => {
  fc.assert(
    fc.property(
      outcomes,
      fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 40, maxLength: 40 }),
      (all, other) => {
        const reference = all.map(([value, cluster]) => one(value, cluster));
        const treatment = all.map(([, cluster], i) => one(other[i] ?? 0, cluster));
        const pairs = reference.map(({ numerator, cluster }, i) =>
          one((treatment[i]?.numerator ?? 0) - numerator, cluster),
        );
        const found = unpairedDifference({ reference, treatment });
        const paired = clusterDifference({ pairs });
        expect(found.estimate).toBeCloseTo(paired.estimate ?? Number.NaN, 12);
        if (paired.method === "cluster-t" && (paired.upper ?? 0) - (paired.lower ?? 0) > 1e-6) {
          expect(found.lower).toBeCloseTo(paired.lower ?? Number.NaN, 9);
          expect(found.upper).toBeCloseTo(paired.upper ?? Number.NaN, 9);
        }
      },
    ),
  );
});

test("for equally many single observations in clusters of their own, it has Welch's standard error", () => {
  const rng = createRng({ seed: 3 });
  const first = Array.from({ length: 12 }, () => rng.next());
  const second = Array.from({ length: 12 }, () => rng.next() / 2);
  const { estimate, lower, upper, clusters } = unpairedDifference({
    reference: first.map((value, i) => one(value, `a${i}`)),
    treatment: second.map((value, i) => one(value, `b${i}`)),
  });
  const welch = welchT({ first: second, second: first });
  expect(estimate).toBeCloseTo(welch.difference ?? Number.NaN, 12);
  // Student's critical value for 11 degrees of freedom
  const error = ((upper ?? 0) - (lower ?? 0)) / 2 / 2.2009851600916384;
  expect(error).toBeCloseTo((welch.difference ?? 0) / (welch.t ?? 1), 9);
  expect(clusters).toBe(12);
});

test("turns its sign with its arms, and keeps its p", () => {
  fc.assert(
    fc.property(outcomes, outcomes, (a, b) => {
      const [reference, treatment] = [a, b].map((all) => all.map(([value, cluster]) => one(value, cluster)));
      if (reference === undefined || treatment === undefined) return;
      const found = unpairedDifference({ reference, treatment });
      const turned = unpairedDifference({ reference: treatment, treatment: reference });
      expect(turned.estimate).toBeCloseTo(-(found.estimate ?? 0), 12);
      expect(turned.p).toBeCloseTo(found.p, 9);
      expect(found.p).toBeGreaterThanOrEqual(0);
      expect(found.p).toBeLessThanOrEqual(1);
    }),
  );
});

test("says nothing of what can't be told: an arm without trials, a single latent, nothing that varies", () => {
  const some = [one(1, 1), one(0, 2)];
  expect(unpairedDifference({ reference: [], treatment: some })).toMatchObject({ method: "no-data", p: 1 });
  expect(unpairedDifference({ reference: [one(1, 1), one(0, 1)], treatment: some })).toMatchObject({
    method: "undetermined",
    lower: null,
    p: 1,
  });
  const ones = [one(1, 3), one(1, 4), one(1, 5)];
  expect(
    unpairedDifference({ reference: ones, treatment: ones.map(({ cluster }) => one(0, cluster)) }),
  ).toMatchObject({ estimate: -1, method: "undetermined", p: 1 });
});

test("its 95 % interval covers the truth about as often, with latents that differ in both arms", () => {
  const rng = createRng({ seed: 11 });
  let covered = 0;
  const runs = 400;
  for (let run = 0; run < runs; run++) {
    const arm = (rate: number, from: number) =>
      Array.from({ length: 25 }, (_, latent) => {
        const own = rate + (rng.next() - 0.5) * 0.4;
        return Array.from({ length: 4 }, () => one(Number(rng.next() < own), from + latent));
      }).flat();
    const { lower, upper } = unpairedDifference({ reference: arm(0.3, 0), treatment: arm(0.5, 100) });
    covered += Number((lower ?? 1) <= 0.2 && (upper ?? -1) >= 0.2);
  }
  expect(covered / runs).toBeGreaterThan(0.92);
  expect(covered / runs).toBeLessThan(0.985);
});

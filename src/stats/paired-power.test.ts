import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusterDifference } from "./cluster-difference.ts";
import { clusterMeans, pairedEffect } from "./paired-effect.ts";
import { differenceVariance, pairedPower, pairsNeeded } from "./paired-power.ts";
import { trialsNeeded } from "./power.ts";
import { createRng } from "./rng.ts";

describe("power of pairs", () => {
  const rate = fc.double({ min: 0.005, max: 0.995, noNaN: true });

  test("the pairs needed have the power asked for", () => {
    fc.assert(
      fc.property(rate, rate, fc.double({ min: 0, max: 0.9, noNaN: true }), (p1, p2, correlation) => {
        fc.pre(Math.abs(p1 - p2) > 1e-3);
        const options = { p1, p2, correlation, icc: 0.2, clusterSize: 5 };
        const { pairs } = pairsNeeded(options);
        expect(pairedPower({ ...options, pairs: pairs ?? Number.NaN })).toBeCloseTo(0.8, 6);
      }),
    );
  });

  test("arms that go together need fewer pairs, and independent ones about as many as an unpaired design", () => {
    const rates = { p1: 0.074, p2: 0.055 };
    const alone = pairsNeeded(rates).pairs ?? Number.NaN;
    expect(pairsNeeded({ ...rates, correlation: 0.5 }).pairs).toBeLessThan(0.6 * alone);
    expect(alone / (trialsNeeded(rates).perArm ?? Number.NaN)).toBeCloseTo(1, 1);
  });

  test("a correlation that two rates can't have is cut to what they can", () => {
    // at most every success of the rarer arm is one of the other's too
    expect(differenceVariance({ p1: 0.1, p2: 0.02, correlation: 1 })).toBeCloseTo(0.08 - 0.08 ** 2, 12);
    expect(differenceVariance({ p1: 0.3, p2: 0.3, correlation: 1 })).toBeCloseTo(0, 12);
  });

  test("is what simulated experiments have", () => {
    const plan = { p1: 0.2, p2: 0.12, pairs: 400, icc: 0.12, clusterSize: 5 };
    const rng = createRng({ seed: 11 });
    const experiments = 600;
    let found = 0;
    let between = 0;
    for (let e = 0; e < experiments; e++) {
      const pairs = Array.from({ length: plan.pairs / plan.clusterSize }, (_, cluster) => {
        // a latent's own shift of both arms against each other makes its differences alike
        const shift = (rng.next() - 0.5) * 0.4;
        between += shift * shift;
        return Array.from({ length: plan.clusterSize }, () => ({
          numerator: Number(rng.next() < plan.p2 + shift / 2.5) - Number(rng.next() < plan.p1 - shift / 2.5),
          denominator: 1,
          cluster,
        }));
      }).flat();
      const { lower, upper } = clusterDifference({ pairs });
      found += Number((lower ?? 0) > 0 || (upper ?? 0) < 0);
    }
    // variance of a latent's mean difference over variance of one difference
    const shared = (between / (experiments * 80)) * (2 / 2.5) ** 2;
    const icc = shared / differenceVariance(plan);
    expect(found / experiments).toBeCloseTo(pairedPower({ ...plan, icc }), 1);
  });
});

describe("paired effect sizes", () => {
  test("do not change with how far units are apart, as the independent-samples d does", () => {
    const first = [10, 50, 90, 30, 70];
    const differences = [4, 6, 5, 4, 6];
    const near = first.map((_, i) => 50 + (differences[i] ?? 0) - 50);
    expect(pairedEffect({ differences })).toEqual(pairedEffect({ differences: near }));
    expect(pairedEffect({ differences }).dz).toBeCloseTo(5, 12);
  });

  test("a rank-biserial of 1 means that every pair went up", () => {
    expect(pairedEffect({ differences: [1, 2, 0.5] }).rankBiserial).toBe(1);
    expect(pairedEffect({ differences: [1, -1] }).rankBiserial).toBe(0);
    expect(pairedEffect({ differences: [0, 0] })).toMatchObject({ dz: null, rankBiserial: null, pairs: 2 });
  });

  test("pairs of a latent count once", () => {
    const pairs = [
      { difference: 1, cluster: "a" },
      { difference: 3, cluster: "a" },
      { difference: -1, cluster: "b" },
    ];
    expect(clusterMeans({ pairs })).toEqual([2, -1]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusterMean } from "./cluster-mean.ts";
import { pairedTest } from "./paired-test.ts";

const pairs = fc.array(
  fc.record({
    first: fc.integer({ min: -20, max: 20 }),
    second: fc.integer({ min: -20, max: 20 }),
    cluster: fc.nat({ max: 4 }),
  }),
  { maxLength: 12 },
);

describe("a paired test", () => {
  test("on the wrong side has a large p, and is not half of the two-sided one", () => {
    const down = [1, 2, 3, 4, 5].map((second, cluster) => ({ first: 0, second, cluster }));
    const { p, pTwoSided, pWilcoxon } = pairedTest({ pairs: down, alternative: "greater" });
    expect(p).toBe(1);
    expect(pWilcoxon).toBe(1);
    expect(pTwoSided).toBe(2 / 2 ** 5);
  });

  test("of exchanged halves is the test of the other side, with the opposite effect", () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const turned = all.map(({ first, second, cluster }) => ({ first: second, second: first, cluster }));
        const one = pairedTest({ pairs: all, alternative: "greater" });
        const other = pairedTest({ pairs: turned, alternative: "less" });
        expect(other.p).toBe(one.p);
        expect(other.pWilcoxon).toBe(one.pWilcoxon);
        expect((other.dz ?? 0) + (one.dz ?? 0)).toBeCloseTo(0, 10);
        expect((other.rankBiserial ?? 0) + (one.rankBiserial ?? 0)).toBeCloseTo(0, 10);
      }),
    );
  });

  test("counts a cluster once: as many pairs again in one cluster make no smaller p", () => {
    const clustered = Array.from({ length: 30 }, (_, i) => ({
      first: 1 + (i % 3),
      second: 0,
      cluster: i % 3,
    }));
    const { p, pWilcoxon, clusters, pairs: n } = pairedTest({ pairs: clustered, alternative: "greater" });
    expect([n, clusters, p]).toEqual([30, 3, 1 / 8]);
    expect(pWilcoxon).toBeLessThan(1e-6);
  });

  test("without a pair has no p, and no error that passes for a p of 1", () => {
    expect(pairedTest({ pairs: [], alternative: "greater" })).toMatchObject({
      pairs: 0,
      p: null,
      pTwoSided: null,
      pWilcoxon: null,
      dz: null,
      difference: { estimate: null, method: "no-data" },
    });
  });

  test("does not have a smaller effect where units are far apart, as the independent-samples d would", () => {
    const near = [1, 2, 1, 3].map((gain, i) => ({ first: i + gain, second: i, cluster: i }));
    const far = [1, 2, 1, 3].map((gain, i) => ({ first: 100 * i + gain, second: 100 * i, cluster: i }));
    expect(pairedTest({ pairs: far, alternative: "greater" })).toEqual(
      pairedTest({ pairs: near, alternative: "greater" }),
    );
  });
});

describe("a mean by cluster", () => {
  test("moves and grows with its values, beyond the bounds of a rate", () => {
    const values = [3, 8, -4, 10].map((value, cluster) => ({ value, cluster }));
    const plain = clusterMean({ values });
    const moved = clusterMean({
      values: values.map(({ value, cluster }) => ({ value: 10 * value + 100, cluster })),
    });
    expect(moved.estimate).toBeCloseTo(10 * (plain.estimate ?? 0) + 100, 9);
    expect(moved.lower).toBeCloseTo(10 * (plain.lower ?? 0) + 100, 9);
    expect(moved.upper).toBeCloseTo(10 * (plain.upper ?? 0) + 100, 9);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusterPermutation } from "./cluster-permutation.ts";
import { mcnemarExact, pairedTable } from "./mcnemar.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";

const flags = fc.array(fc.record({ first: fc.boolean(), second: fc.boolean() }), { maxLength: 14 });

describe("McNemar", () => {
  test("the table counts every pair once", () => {
    const pairs = [
      { first: true, second: true },
      { first: true, second: false },
      { first: true, second: false },
      { first: false, second: true },
      { first: false, second: false },
    ];
    expect(pairedTable({ pairs })).toEqual({ both: 1, onlyFirst: 2, onlySecond: 1, neither: 1 });
  });

  test("equals the exact cluster permutation when every pair is its own cluster", () => {
    fc.assert(
      fc.property(flags, (pairs) => {
        const permuted = clusterPermutation({
          pairs: pairs.map(({ first, second }, cluster) => ({
            first: Number(first),
            second: Number(second),
            cluster,
          })),
        });
        expect(permuted.method).toBe("exact");
        expect(permuted.p).toBeCloseTo(mcnemarExact(pairedTable({ pairs })).p, 10);
      }),
      { numRuns: 60 },
    );
  });
});

describe("cluster permutation", () => {
  const pairs = (clusters: number, size: number) =>
    Array.from({ length: clusters * size }, (_, i) => ({
      first: 0,
      second: 1,
      cluster: Math.floor(i / size),
    }));

  test("its evidence is the number of clusters, not of pairs", () => {
    expect(clusterPermutation({ pairs: pairs(4, 1) }).p).toBe(2 / 16);
    expect(clusterPermutation({ pairs: pairs(4, 50) }).p).toBe(2 / 16);
    expect(clusterPermutation({ pairs: pairs(4, 50), alternative: "greater" }).p).toBe(1 / 16);
    expect(clusterPermutation({ pairs: pairs(4, 50), alternative: "less" }).p).toBe(1);
  });

  test("swapping the arms mirrors the difference and keeps p", () => {
    const value = fc.integer({ min: -5, max: 5 });
    const data = fc.array(
      fc.record({ first: value, second: value, cluster: fc.integer({ min: 0, max: 7 }) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(data, (rows) => {
        const swapped = rows.map(({ first, second, cluster }) => ({ first: second, second: first, cluster }));
        const one = clusterPermutation({ pairs: rows });
        const other = clusterPermutation({ pairs: swapped });
        expect(other.difference).toBeCloseTo(-(one.difference ?? Number.NaN), 12);
        expect(other.p).toBe(one.p);
      }),
      { numRuns: 60 },
    );
  });

  test("Monte Carlo agrees with the exact test and is decided by the seed", () => {
    const rows = [3, 1, -2, 4, 2, -1, 5, 0.5, -0.25, 1.5].map((second, cluster) => ({
      first: 0,
      second,
      cluster,
    }));
    const exact = clusterPermutation({ pairs: rows });
    const sampled = clusterPermutation({ pairs: rows, exactLimit: 0, seed: 4 });
    expect([exact.method, sampled.method]).toEqual(["exact", "monte-carlo"]);
    // four standard errors of 10,000 draws
    expect(Math.abs(sampled.p - exact.p)).toBeLessThan(0.02);
    expect(clusterPermutation({ pairs: rows, exactLimit: 0, seed: 4 })).toEqual(sampled);
  });

  test("no pairs and no differences are no evidence", () => {
    expect(clusterPermutation({ pairs: [] })).toMatchObject({ difference: null, p: 1 });
    const equal = clusterPermutation({ pairs: [{ first: 1, second: 1, cluster: 0 }] });
    expect(equal).toMatchObject({ difference: 0, p: 1, informativeClusters: 0, clusters: 1 });
  });
});

describe("Wilcoxon", () => {
  const differences = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 12 });

  test("negating the differences swaps the tails", () => {
    fc.assert(
      fc.property(differences, (d) => {
        const negated = d.map((x) => -x);
        const greater = wilcoxonSignedRank({ differences: d, alternative: "greater" });
        const less = wilcoxonSignedRank({ differences: negated, alternative: "less" });
        expect(greater.p).toEqual(less.p);
        expect(greater.rankSumPositive).toBe(less.rankSumNegative);
      }),
    );
  });

  test("the exact p is the share of sign patterns at least as extreme", () => {
    fc.assert(
      fc.property(differences, (d) => {
        const result = wilcoxonSignedRank({ differences: d, method: "exact", alternative: "greater" });
        const kept = d.filter((x) => x !== 0);
        if (kept.length === 0) {
          expect(result.p).toBeNull();
          return;
        }
        const ranks = kept.map((x) => {
          const below = kept.filter((y) => Math.abs(y) < Math.abs(x)).length;
          const equal = kept.filter((y) => Math.abs(y) === Math.abs(x)).length;
          return below + (equal + 1) / 2;
        });
        let hits = 0;
        for (let pattern = 0; pattern < 2 ** kept.length; pattern++) {
          const sum = ranks.reduce((total, rank, bit) => total + ((pattern >> bit) & 1 ? rank : 0), 0);
          hits += Number(sum >= result.rankSumPositive);
        }
        expect(result.p).toBeCloseTo(hits / 2 ** kept.length, 10);
      }),
      { numRuns: 40 },
    );
  });

  test("a one-sided p against the data's direction is above one half", () => {
    const result = wilcoxonSignedRank({ differences: [-1, -2, -3, -4, -5, -6], alternative: "greater" });
    expect(result.p).toBe(1);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "./rng.ts";
import { type Stratum, stratifiedRankTest } from "./stratified-rank-test.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";

const value = fc.integer({ min: 0, max: 3 });
const stratum = fc.record({ first: value, others: fc.array(value, { minLength: 1, maxLength: 3 }) });

/** Share of all ways to set one value of each stratum apart whose mean count is at least (at most) the observed one. */
function bruteForce(strata: readonly Stratum[]): { upper: number; lower: number } {
  const countOf = (values: number[], at: number) =>
    values.reduce((sum, other, i) => {
      const own = values[at] ?? 0;
      return sum + (i === at ? 0 : other > own ? 1 : other === own ? 0.5 : 0);
    }, 0);
  let sums = [0];
  let observed = 0;
  for (const { first, others } of strata) {
    const values = [first, ...others];
    observed += countOf(values, 0);
    sums = sums.flatMap((sum) => values.map((_, at) => sum + countOf(values, at)));
  }
  const share = (test: (sum: number) => boolean) => sums.filter(test).length / sums.length;
  return { upper: share((sum) => sum >= observed), lower: share((sum) => sum <= observed) };
}

describe("stratified rank test", () => {
  test("is the share of all relabellings that are as extreme", () => {
    fc.assert(
      fc.property(fc.array(stratum, { maxLength: 5 }), (strata) => {
        const { upper, lower } = bruteForce(strata);
        expect(stratifiedRankTest({ strata, alternative: "greater" }).p).toBeCloseTo(upper, 10);
        expect(stratifiedRankTest({ strata, alternative: "less" }).p).toBeCloseTo(lower, 10);
        expect(stratifiedRankTest({ strata }).p).toBeCloseTo(Math.min(1, 2 * Math.min(upper, lower)), 10);
      }),
    );
  });

  test("does not change under an increasing map of each stratum", () => {
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 8 }), (strata) => {
        const mapped = strata.map(({ first, others }, i) => ({
          first: Math.exp(first) + 10 * i,
          others: others.map((each) => Math.exp(each) + 10 * i),
        }));
        expect(stratifiedRankTest({ strata: mapped })).toEqual(stratifiedRankTest({ strata }));
      }),
    );
  });

  test("the normal form comes near the exact one for many strata", () => {
    const rng = createRng({ seed: 3 });
    const strata = Array.from({ length: 60 }, () => ({
      first: rng.next(),
      others: Array.from({ length: 5 }, () => rng.next() + 0.08),
    }));
    const exact = stratifiedRankTest({ strata, exactLimit: 100 });
    const normal = stratifiedRankTest({ strata, exactLimit: 10 });
    expect([exact.method, normal.method]).toEqual(["exact", "normal"]);
    expect(Math.abs(exact.p - normal.p)).toBeLessThan(0.01);
  });

  test("keeps its size on skewed values, where a paired test on the mean of the others does not", () => {
    const rng = createRng({ seed: 11 });
    const skewed = () => -Math.log(1 - rng.next());
    const rounds = 300;
    let ranked = 0;
    let paired = 0;
    for (let round = 0; round < rounds; round++) {
      const strata = Array.from({ length: 30 }, () => ({
        first: skewed(),
        others: Array.from({ length: 8 }, skewed),
      }));
      ranked += Number(stratifiedRankTest({ strata }).p < 0.05);
      const differences = strata.map(
        ({ first, others }) => others.reduce((sum, each) => sum + each, 0) / others.length - first,
      );
      paired += Number((wilcoxonSignedRank({ differences }).p ?? 1) < 0.05);
    }
    expect(ranked / rounds).toBeLessThan(0.08);
    expect(paired / rounds).toBeGreaterThan(0.1);
  });

  test("strata without a difference tell nothing", () => {
    const strata = [{ first: 0, others: [0, 0] }];
    expect(stratifiedRankTest({ strata })).toEqual({ auc: 0.5, p: 1, informative: 0, method: "exact" });
    expect(stratifiedRankTest({ strata: [] })).toMatchObject({ auc: null, p: 1 });
  });
});

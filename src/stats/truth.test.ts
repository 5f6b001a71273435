// every number here was made with SciPy, statsmodels, scikit-learn and the krippendorff package
import { readFileSync } from "node:fs";
import betaCdf from "@stdlib/stats-base-dists-beta-cdf";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { auc } from "./auc.ts";
import { benjaminiHochberg } from "./benjamini-hochberg.ts";
import { clopperPearson } from "./clopper-pearson.ts";
import { pearson, spearman } from "./correlation.ts";
import { fisherExact } from "./fisher.ts";
import { holm } from "./holm.ts";
import { cohenKappa } from "./kappa.ts";
import { krippendorffAlpha } from "./krippendorff.ts";
import { mcnemarExact } from "./mcnemar.ts";
import { trialsNeeded } from "./power.ts";
import { computeRates } from "./rates.ts";
import { pairedT, welchT } from "./t-test.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";
import { wilson } from "./wilson.ts";

const num = z.number();
const nums = z.array(num);
const pair = z.tuple([num, num]);
const test2 = z.object({ statistic: num, p: num });
const truth = z
  .object({
    proportion: z.array(z.object({ x: num, n: num, wilson: pair, clopper_pearson: pair, wald: pair })),
    mcnemar_exact: z.array(z.object({ b: num, c: num, p: num })),
    wilcoxon: z.array(z.object({ a: nums, b: nums, two_sided: test2, greater: test2.optional() })),
    t_paired: z.object({ a: nums, b: nums, t: num, p: num, welch_p: num }),
    correlation: z.object({ a: nums, b: nums, pearson: pair, spearman: pair }),
    fisher: z.array(z.object({ table: z.tuple([pair, pair]), odds: num, p: num })),
    beta_cdf: z.array(z.object({ x: num, a: num, b: num, cdf: num })),
    multiple: z.object({ p: nums, holm: nums, bh: nums }),
    kappa: z.object({ a: nums, b: nums, kappa: num, weighted_quadratic: num }),
    krippendorff: z.object({
      ratings: z.array(z.array(num.nullable())),
      nominal: num,
      interval: num,
      ordinal: num,
    }),
    auc: z.object({ label: nums, score: nums, auc: num }),
    power_two_proportions: z.array(z.object({ p1: num, p2: num, n_per_arm_80: num })),
  })
  .strict()
  .parse(JSON.parse(readFileSync(new URL("../../test/data/stats.json", import.meta.url), "utf8")));

const differences = (a: number[], b: number[]): number[] => a.map((x, i) => x - (b[i] ?? Number.NaN));

describe("equal to the outside truth", () => {
  test.each(truth.proportion)("intervals of $x of $n", ({ x, n, wilson: w, clopper_pearson: cp, wald }) => {
    const score = wilson({ successes: x, n });
    expect(score.lower).toBeCloseTo(w[0], 12);
    expect(score.upper).toBeCloseTo(w[1], 12);
    const exact = clopperPearson({ successes: x, n });
    expect(exact.lower).toBeCloseTo(cp[0], 12);
    expect(exact.upper).toBeCloseTo(cp[1], 12);
    const outcomes = Array.from({ length: n }, (_, i) => ({
      status: "judged" as const,
      scores: i < x ? [0, 1] : [0],
    }));
    const { estimate, standardError } = computeRates({ outcomes }).esrRate;
    expect(
      Math.max(0, (estimate ?? Number.NaN) - 1.959963984540054 * (standardError ?? Number.NaN)),
    ).toBeCloseTo(wald[0], 12);
  });

  test.each(truth.mcnemar_exact)("exact McNemar of $b and $c", ({ b, c, p }) => {
    expect(mcnemarExact({ onlyFirst: b, onlySecond: c }).p).toBeCloseTo(p, 12);
    expect(mcnemarExact({ onlyFirst: c, onlySecond: b }).p).toBeCloseTo(p, 12);
  });

  test.each(truth.wilcoxon)("Wilcoxon, exact and with ties", ({ a, b, two_sided, greater }) => {
    const two = wilcoxonSignedRank({ differences: differences(a, b) });
    expect(Math.min(two.rankSumPositive, two.rankSumNegative)).toBe(two_sided.statistic);
    expect(two.p).toBeCloseTo(two_sided.p, 12);
    if (greater !== undefined) {
      const one = wilcoxonSignedRank({ differences: differences(a, b), alternative: "greater" });
      expect(one.rankSumPositive).toBe(greater.statistic);
      expect(one.p).toBeCloseTo(greater.p, 12);
    }
  });

  test("t tests", () => {
    const { a, b, t, p, welch_p } = truth.t_paired;
    const paired = pairedT({ first: a, second: b });
    expect(paired.t).toBeCloseTo(t, 12);
    expect(paired.p).toBeCloseTo(p, 12);
    expect(welchT({ first: a, second: b }).p).toBeCloseTo(welch_p, 12);
  });

  test("correlations", () => {
    const { a, b } = truth.correlation;
    const linear = pearson({ x: a, y: b });
    const ranked = spearman({ x: a, y: b });
    expect(linear.r).toBeCloseTo(truth.correlation.pearson[0], 12);
    expect(linear.p).toBeCloseTo(truth.correlation.pearson[1], 12);
    expect(ranked.r).toBeCloseTo(truth.correlation.spearman[0], 12);
    expect(ranked.p).toBeCloseTo(truth.correlation.spearman[1], 12);
  });

  test.each(truth.fisher)("Fisher's exact test", ({ table, odds, p }) => {
    const result = fisherExact({ table });
    expect(result.oddsRatio).toBeCloseTo(odds, 12);
    expect(result.p).toBeCloseTo(p, 10);
  });

  test.each(truth.beta_cdf)("Beta CDF at $x of ($a, $b)", ({ x, a, b, cdf }) => {
    expect(betaCdf(x, a, b)).toBeCloseTo(cdf, 12);
  });

  test("multiplicity", () => {
    const { p } = truth.multiple;
    holm({ p }).forEach((value, i) => {
      expect(value).toBeCloseTo(truth.multiple.holm[i] ?? Number.NaN, 12);
    });
    benjaminiHochberg({ p }).forEach((value, i) => {
      expect(value).toBeCloseTo(truth.multiple.bh[i] ?? Number.NaN, 12);
    });
  });

  test("agreement of judges", () => {
    const { a: first, b: second, kappa, weighted_quadratic } = truth.kappa;
    expect(cohenKappa({ first, second }).kappa).toBeCloseTo(kappa, 12);
    expect(cohenKappa({ first, second, weights: "quadratic" }).kappa).toBeCloseTo(weighted_quadratic, 12);
    for (const metric of ["nominal", "ordinal", "interval"] as const) {
      const { alpha } = krippendorffAlpha({ ratings: truth.krippendorff.ratings, metric });
      expect(alpha).toBeCloseTo(truth.krippendorff[metric], 12);
    }
  });

  test("AUC", () => {
    const items = truth.auc.label.map((label, i) => ({
      positive: label === 1,
      score: truth.auc.score[i] ?? Number.NaN,
    }));
    expect(auc({ items })).toBeCloseTo(truth.auc.auc, 12);
  });

  test.each(truth.power_two_proportions)("trials to tell $p1 from $p2", ({ p1, p2, n_per_arm_80 }) => {
    expect(trialsNeeded({ p1, p2 }).perArm).toBeCloseTo(n_per_arm_80, 5);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auc } from "./auc.ts";
import { pearson, spearman } from "./correlation.ts";
import { cohenKappa } from "./kappa.ts";
import { krippendorffAlpha } from "./krippendorff.ts";

const labels = fc.array(fc.record({ a: fc.integer({ min: 0, max: 3 }), b: fc.integer({ min: 0, max: 3 }) }), {
  minLength: 2,
  maxLength: 30,
});

describe("kappa and alpha", () => {
  test("are 1 for judges that agree on more than one label", () => {
    const first = [1, 2, 2, 5];
    expect(cohenKappa({ first, second: first, weights: "linear" })).toEqual({ kappa: 1, agreement: 1, n: 4 });
    for (const metric of ["nominal", "ordinal", "interval"] as const) {
      expect(krippendorffAlpha({ ratings: [first, first], metric }).alpha).toBe(1);
    }
  });

  test("have no value where chance alone gives full agreement", () => {
    expect(cohenKappa({ first: [3, 3], second: [3, 3] }).kappa).toBeNull();
    expect(cohenKappa({ first: [], second: [] })).toEqual({ kappa: null, agreement: null, n: 0 });
    expect(
      krippendorffAlpha({
        ratings: [
          [3, 3],
          [3, 3],
        ],
        metric: "nominal",
      }).alpha,
    ).toBeNull();
    expect(krippendorffAlpha({ ratings: [], metric: "nominal" })).toEqual({
      alpha: null,
      items: 0,
      ratings: 0,
    });
    expect(
      krippendorffAlpha({
        ratings: [
          [1, null],
          [null, 2],
        ],
        metric: "nominal",
      }).items,
    ).toBe(0);
  });

  test("don't depend on which judge comes first", () => {
    fc.assert(
      fc.property(labels, fc.constantFrom("none", "linear", "quadratic"), (pairs, weights) => {
        const first = pairs.map(({ a }) => a);
        const second = pairs.map(({ b }) => b);
        const one = cohenKappa({ first, second, weights }).kappa;
        const other = cohenKappa({ first: second, second: first, weights }).kappa;
        expect(one ?? 2).toBeCloseTo(other ?? 2, 12);
        expect(krippendorffAlpha({ ratings: [first, second], metric: "ordinal" }).alpha ?? 2).toBeCloseTo(
          krippendorffAlpha({ ratings: [second, first], metric: "ordinal" }).alpha ?? 2,
          12,
        );
      }),
    );
  });

  test("nominal measures ignore what the labels are called", () => {
    fc.assert(
      fc.property(labels, (pairs) => {
        const rename = (x: number): number => [17, -3, 8, 100][x] ?? 0;
        const first = pairs.map(({ a }) => a);
        const second = pairs.map(({ b }) => b);
        const renamed = { first: first.map(rename), second: second.map(rename) };
        expect(cohenKappa(renamed).kappa ?? 2).toBeCloseTo(cohenKappa({ first, second }).kappa ?? 2, 12);
        const alpha = krippendorffAlpha({ ratings: [first, second], metric: "nominal" }).alpha;
        const other = krippendorffAlpha({
          ratings: [renamed.first, renamed.second],
          metric: "nominal",
        }).alpha;
        expect(other ?? 2).toBeCloseTo(alpha ?? 2, 12);
      }),
    );
  });
});

describe("AUC", () => {
  test("is the share of ordered pairs, ties half", () => {
    const item = fc.record({ positive: fc.boolean(), score: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), (items) => {
        const positives = items.filter((i) => i.positive);
        const negatives = items.filter((i) => !i.positive);
        const wins = positives.flatMap((p) =>
          negatives.map((n) => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0)),
        );
        const value = auc({ items });
        if (wins.length === 0) {
          expect(value).toBeNull();
        } else {
          expect(value).toBeCloseTo(wins.reduce((sum: number, w) => sum + w, 0) / wins.length, 12);
        }
      }),
    );
  });
});

describe("correlation", () => {
  test("is 1 or -1 on a line, and Spearman's on any monotone curve", () => {
    const x = [1, 2, 3, 5, 9];
    expect(pearson({ x, y: x.map((v) => 3 - 2 * v) }).r).toBeCloseTo(-1, 12);
    expect(spearman({ x, y: x.map((v) => Math.exp(v)) }).r).toBeCloseTo(1, 12);
    expect(spearman({ x, y: x.map((v) => Math.exp(v)) }).p).toBeCloseTo(0, 6);
  });

  test("has no value without variance or with fewer than three pairs", () => {
    expect(pearson({ x: [1, 1, 1], y: [1, 2, 3] })).toEqual({ r: null, p: null, n: 3 });
    expect(spearman({ x: [1, 2], y: [1, 2] })).toEqual({ r: null, p: null, n: 2 });
    expect(() => pearson({ x: [1], y: [] })).toThrow(RangeError);
  });
});

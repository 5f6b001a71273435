import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alignedAverage } from "./aligned-average.ts";

const series = fc.record({
  values: fc.array(fc.option(fc.integer({ min: 1, max: 100 }), { nil: null }), { maxLength: 12 }),
  anchor: fc.nat({ max: 12 }),
  cluster: fc.nat({ max: 3 }),
});

describe("an aligned average", () => {
  test("never counts what is missing as 0, neither outside of a series nor in a gap of it", () => {
    const points = alignedAverage({
      series: [
        { values: [10, null, 30], anchor: 0, cluster: "a" },
        { values: [5, 50], anchor: 1, cluster: "b" },
      ],
      window: [-2, 4],
    });
    expect(points.map(({ offset, n, estimate }) => [offset, n, estimate])).toEqual([
      [-2, 0, null],
      [-1, 1, 5],
      [0, 2, 30],
      [1, 0, null],
      [2, 1, 30],
      [3, 0, null],
    ]);
  });

  test("lies between the least and the greatest value at its offset, and says how many there are", () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 6 }), (all) => {
        for (const { offset, n, estimate } of alignedAverage({ series: all, window: [-13, 13] })) {
          const there = all.flatMap(({ values, anchor }) => {
            const value = values[anchor + offset] ?? null;
            return value === null ? [] : [value];
          });
          expect(n).toBe(there.length);
          if (there.length === 0) expect(estimate).toBeNull();
          else {
            expect(estimate).toBeGreaterThanOrEqual(Math.min(...there) - 1e-9);
            expect(estimate).toBeLessThanOrEqual(Math.max(...there) + 1e-9);
          }
        }
      }),
    );
  });

  test("does not change when series get values before their beginning and after their end that lie outside of the window", () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 5 }), (all) => {
        const window: [number, number] = [-2, 3];
        const longer = all.map(({ values, anchor, cluster }) => ({
          values: [...new Array<number>(3).fill(7), ...values],
          anchor: anchor + 3,
          cluster,
        }));
        const inside = all.every(({ anchor }) => anchor >= 2);
        fc.pre(inside);
        expect(alignedAverage({ series: longer, window })).toEqual(alignedAverage({ series: all, window }));
      }),
    );
  });

  test("has a band by cluster, which one cluster cannot give", () => {
    const values = (cluster: (i: number) => number) =>
      [1, 2, 3, 4].map((value, i) => ({ values: [value], anchor: 0, cluster: cluster(i) }));
    const [one] = alignedAverage({ series: values(() => 0), window: [0, 1] });
    expect([one?.lower, one?.upper, one?.clusters]).toEqual([null, null, 1]);
    const [apart] = alignedAverage({ series: values((i) => i), window: [0, 1] });
    const [together] = alignedAverage({ series: values((i) => Math.floor(i / 2)), window: [0, 1] });
    expect(together?.estimate).toBe(apart?.estimate);
    expect((together?.upper ?? 0) - (together?.lower ?? 0)).toBeGreaterThan(
      (apart?.upper ?? 0) - (apart?.lower ?? 0),
    );
  });
});

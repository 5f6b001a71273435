import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../../stats/rng.ts";
import { mixByRatio, mixCounts } from "./mix-by-ratio.ts";

/** METHOD.md 9.1: percentage, normal answers, self-corrections, percentage in fact. */
const TABLE = [
  [10, 760, 91, 10.7],
  [20, 732, 183, 20],
  [30, 641, 275, 30],
  [40, 550, 367, 40],
  [50, 459, 459, 50],
  [60, 366, 550, 60],
  [70, 275, 642, 70],
  [80, 183, 734, 80],
  [90, 91, 826, 90],
] as const;

test.each(TABLE)("%d %% of the paper's data are %d normal answers and %d self-corrections", (...row) => {
  const [ratio, normal, selfCorrections, actual] = row;
  const counts = mixCounts({ available: { selfCorrections: 918, normal: 760 }, ratio });
  expect(counts).toMatchObject({ ratio, normal, selfCorrections });
  expect(counts.actual).toBeCloseTo(actual, 0);
});

test("0 % is normal answers only, 100 % is self-corrections only", () => {
  const available = { selfCorrections: 20, normal: 30 };
  expect(mixCounts({ available, ratio: 0 })).toMatchObject({ selfCorrections: 0, normal: 30, actual: 0 });
  expect(mixCounts({ available, ratio: 100 })).toMatchObject({
    selfCorrections: 20,
    normal: 0,
    actual: 100,
  });
});

test("a mix holds nothing twice and nothing foreign, in the counts' numbers, and is the same for the same seed", () => {
  const size = fc.nat({ max: 60 });
  fc.assert(
    fc.property(size, size, fc.nat({ max: 100 }), fc.nat(), (corrections, answers, ratio, seed) => {
      const selfCorrections = Array.from({ length: corrections }, (_, i) => `c${i}`);
      const normal = Array.from({ length: answers }, (_, i) => `n${i}`);
      const mix = () => mixByRatio({ selfCorrections, normal, ratio, rng: createRng({ seed }) });
      const { counts, mixed } = mix();
      expect(new Set(mixed).size).toBe(mixed.length);
      expect(mixed.filter((each) => selfCorrections.includes(each))).toHaveLength(counts.selfCorrections);
      expect(mixed.filter((each) => normal.includes(each))).toHaveLength(counts.normal);
      expect(mix().mixed).toEqual(mixed);
    }),
  );
});

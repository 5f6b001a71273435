import { expect, test } from "vitest";
import { compareRates } from "./compare-rates.ts";
import { createRng } from "./rng.ts";
import { wilson } from "./wilson.ts";

const arm = (values: number[], offset = 0) =>
  values.map((numerator, i) => ({ numerator, denominator: 1, cluster: i + offset }));

function twins(): { base: number[]; changed: number[] } {
  const rng = createRng({ seed: 8 });
  const base = Array.from({ length: 200 }, () => Number(rng.next() < 0.4));
  return { base, changed: base.map((hit) => (rng.next() < 0.1 ? 1 - hit : hit)) };
}

test("pairing by latent is kept: shared latents give a narrower difference", () => {
  const { base, changed } = twins();
  const width = ({ lower, upper }: { lower: number | null; upper: number | null }): number =>
    (upper ?? Number.NaN) - (lower ?? Number.NaN);
  const paired = compareRates({ reference: arm(base), treatment: arm(changed) });
  const unpaired = compareRates({ reference: arm(base), treatment: arm(changed, 1000) });
  expect(paired.sharedClusters).toBe(200);
  expect(unpaired.sharedClusters).toBe(0);
  expect(paired.difference.estimate).toBe(unpaired.difference.estimate);
  expect(width(paired.difference)).toBeLessThan(0.75 * width(unpaired.difference));
});

test("difference, ratio and odds ratio are those of the two rates", () => {
  const result = compareRates({ reference: arm([1, 0, 0, 0]), treatment: arm([1, 1, 0, 0]), replicates: 50 });
  expect(result).toMatchObject({ referenceRate: 0.25, treatmentRate: 0.5 });
  expect(result.difference.estimate).toBe(0.25);
  expect(result.ratio.estimate).toBe(2);
  expect(result.oddsRatio.estimate).toBeCloseTo(3, 12);
});

test("two arms without a success: Newcombe's bounds, no ratio, never a zero width", () => {
  const zeros = new Array<number>(20).fill(0);
  const { difference, ratio, oddsRatio } = compareRates({ reference: arm(zeros), treatment: arm(zeros) });
  const { upper } = wilson({ successes: 0, n: 20 });
  expect(difference).toEqual({ estimate: 0, lower: -upper, upper, level: 0.95, method: "score-clusters" });
  expect(ratio).toMatchObject({ estimate: null, method: "no-data" });
  expect(oddsRatio).toMatchObject({ estimate: null, lower: null });
});

test("a treatment that ends all success has a difference and no invented ratio interval", () => {
  const { base } = twins();
  const { difference, ratio } = compareRates({ reference: arm(base), treatment: arm(base.map(() => 0)) });
  expect(difference.method).toBe("percentile");
  expect(difference.upper).toBeLessThan(0);
  expect(ratio).toMatchObject({ estimate: 0, lower: null, upper: null, method: "undetermined" });
});

test("an empty arm is no data", () => {
  const { difference, treatmentRate } = compareRates({
    reference: arm([1, 0]),
    treatment: [],
    replicates: 10,
  });
  expect(treatmentRate).toBeNull();
  expect(difference).toMatchObject({ estimate: null, lower: null, upper: null, method: "no-data" });
});

test("swapping the arms mirrors the difference", () => {
  const { base, changed } = twins();
  const one = compareRates({ reference: arm(base), treatment: arm(changed), seed: 2 }).difference;
  const other = compareRates({ reference: arm(changed), treatment: arm(base), seed: 2 }).difference;
  expect(one.lower).toBeCloseTo(-(other.upper ?? Number.NaN), 12);
  expect(one.upper).toBeCloseTo(-(other.lower ?? Number.NaN), 12);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { bootstrapStatistic } from "./bootstrap-statistic.ts";
import { clusterBootstrap } from "./cluster-bootstrap.ts";
import type { RatioObservation } from "./clusters.ts";
import { quantileSorted } from "./quantile.ts";
import { createRng } from "./rng.ts";
import { twoWayBootstrap } from "./two-way-bootstrap.ts";
import { wilson } from "./wilson.ts";

/** `rows` latents by `columns` prompts, value by function. */
function grid(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): RatioObservation[] {
  return Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    const column = i % columns;
    return { numerator: value(row, column), denominator: 1, cluster: row, crossCluster: column };
  });
}

const width = ({ lower, upper }: { lower: number | null; upper: number | null }): number =>
  (upper ?? Number.NaN) - (lower ?? Number.NaN);

const bits = fc.array(fc.record({ hit: fc.boolean(), cluster: fc.integer({ min: 0, max: 6 }) }), {
  minLength: 1,
  maxLength: 40,
});

test("a seed decides the interval, another seed changes it", () => {
  const noise = createRng({ seed: 5 });
  const observations = grid(20, 5, () => noise.next());
  for (const bootstrap of [clusterBootstrap, twoWayBootstrap]) {
    const once = bootstrap({ observations, replicates: 200, seed: 3 });
    expect(bootstrap({ observations, replicates: 200, seed: 3 })).toEqual(once);
    expect(bootstrap({ observations, replicates: 200, seed: 4 })).not.toEqual(once);
  }
});

test("clusters of size one are the plain bootstrap", () => {
  const noise = createRng({ seed: 9 });
  const data = Array.from({ length: 40 }, () => noise.next());
  const rng = createRng({ seed: 1 });
  const means = Float64Array.from({ length: 500 }, () => {
    let sum = 0;
    for (let draw = 0; draw < data.length; draw++) {
      sum += data[rng.below(data.length)] ?? Number.NaN;
    }
    return sum / data.length;
  }).sort();
  const observations = data.map((numerator, cluster) => ({ numerator, denominator: 1, cluster }));
  const interval = clusterBootstrap({ observations, replicates: 500, seed: 1 });
  expect(interval.lower).toBeCloseTo(quantileSorted(means, 0.025), 12);
  expect(interval.upper).toBeCloseTo(quantileSorted(means, 0.975), 12);
});

test("a rate never gets a zero-width interval and always lies in it", () => {
  fc.assert(
    fc.property(bits, fc.constantFrom("percentile" as const, "bca" as const), (trials, interval) => {
      const observations = trials.map(({ hit, cluster }) => ({
        numerator: Number(hit),
        denominator: 1,
        cluster,
        crossCluster: 0,
      }));
      for (const result of [
        clusterBootstrap({ observations, replicates: 100, interval }),
        twoWayBootstrap({ observations, replicates: 100 }),
      ]) {
        expect(width(result)).toBeGreaterThan(0);
        expect(result.lower).toBeGreaterThanOrEqual(0);
        expect(result.upper).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 60 },
  );
});

test("at a rate of 0 the bound is Wilson's with the number of clusters as sample size", () => {
  const observations = grid(12, 5, () => 0);
  const expected = wilson({ successes: 0, n: 12 });
  const oneWay = clusterBootstrap({ observations });
  expect(oneWay).toMatchObject({
    estimate: 0,
    lower: 0,
    upper: expected.upper,
    method: "score-clusters",
    n: 60,
  });
  const twoWay = twoWayBootstrap({ observations });
  expect(twoWay).toMatchObject({ upper: wilson({ successes: 0, n: 5 }).upper, method: "score-clusters" });
  const known = clusterBootstrap({ observations, designEffect: 1.5 });
  expect(known).toMatchObject({
    upper: wilson({ successes: 0, n: 40 }).upper,
    method: "score-design-effect",
  });
});

test("one cluster can't bound anything by resampling, whatever its values", () => {
  const observations = [0, 1, 1, 0].map((numerator) => ({ numerator, denominator: 1, cluster: "only" }));
  const result = clusterBootstrap({ observations });
  expect(result).toMatchObject({ estimate: 0.5, method: "score-clusters", clusters: 1 });
  expect(result.upper).toBeCloseTo(wilson({ successes: 0.5, n: 1 }).upper, 12);
});

test("a constant mean falls back on the scale of its bounds, and without bounds says that it can't tell", () => {
  const observations = grid(10, 2, () => -20);
  const bounded = clusterBootstrap({ observations, bounds: { lower: -100, upper: 100 } });
  const unit = wilson({ successes: 4, n: 10 });
  expect(bounded.lower).toBeCloseTo(-100 + 200 * unit.lower, 10);
  expect(bounded.upper).toBeCloseTo(-100 + 200 * unit.upper, 10);
  expect(clusterBootstrap({ observations, bounds: null })).toMatchObject({
    estimate: -20,
    lower: null,
    upper: null,
    method: "undetermined",
  });
  expect(() => clusterBootstrap({ observations })).toThrow(/bounds/);
});

test("no observations, or none that counts, is no data", () => {
  for (const observations of [[], [{ numerator: 0, denominator: 0, cluster: 1, crossCluster: 1 }]]) {
    for (const bootstrap of [clusterBootstrap, twoWayBootstrap]) {
      expect(bootstrap({ observations, replicates: 10 })).toMatchObject({
        estimate: null,
        lower: 0,
        upper: 1,
        method: "no-data",
        n: 0,
      });
    }
  }
});

test("replicates without a denominator are counted and left out", () => {
  const observations = [
    { numerator: 1, denominator: 2, cluster: 0 },
    { numerator: 1, denominator: 1, cluster: 1 },
    { numerator: 0, denominator: 0, cluster: 2 },
  ];
  const result = clusterBootstrap({ observations, replicates: 2000 });
  // all three draws hit the empty cluster with chance 1/27
  expect(result.undefinedReplicates).toBeGreaterThan(40);
  expect(result.undefinedReplicates).toBeLessThan(120);
  expect(result).toMatchObject({ method: "percentile", clusters: 2, n: 3 });
});

test("trials that repeat their latent's outcome widen the interval as the design effect says", () => {
  const noise = createRng({ seed: 2 });
  const outcome = Array.from({ length: 100 }, () => Number(noise.next() < 0.3));
  const observations = grid(100, 9, (row) => outcome[row] ?? 0);
  const clustered = clusterBootstrap({ observations });
  const naive = clusterBootstrap({ observations: observations.map((o, i) => ({ ...o, cluster: i })) });
  expect(width(clustered) / width(naive)).toBeGreaterThan(2.5);
  expect(width(clustered) / width(naive)).toBeLessThan(3.5);
});

test("an effect of the prompt is seen by the two-way bootstrap only", () => {
  const observations = grid(60, 8, (_, column) => Number(column < 4));
  const oneWay = clusterBootstrap({ observations });
  expect(oneWay.method).toBe("score-clusters");
  const twoWay = twoWayBootstrap({ observations });
  expect(twoWay.method).toBe("percentile");
  // binomial(8, 1/2) / 8 has a deviation of 0.177
  expect(width(twoWay)).toBeGreaterThan(0.45);
  expect(() => twoWayBootstrap({ observations: [{ numerator: 1, denominator: 1, cluster: 0 }] })).toThrow(
    RangeError,
  );
});

test("percentile intervals cover the truth about as often as they claim", () => {
  const noise = createRng({ seed: 11 });
  const experiments = 300;
  const covered = { percentile: 0, bca: 0 };
  for (let e = 0; e < experiments; e++) {
    const observations = Array.from({ length: 50 }, (_, cluster) => {
      const rate = noise.next() < 0.5 ? 0.1 : 0.5;
      return Array.from({ length: 4 }, () => ({
        numerator: Number(noise.next() < rate),
        denominator: 1,
        cluster,
      }));
    }).flat();
    for (const interval of ["percentile", "bca"] as const) {
      const { lower, upper, method } = clusterBootstrap({ observations, replicates: 300, seed: e, interval });
      expect(method).toBe(interval);
      covered[interval] += Number((lower ?? 1) <= 0.3 && 0.3 <= (upper ?? 0));
    }
  }
  for (const count of Object.values(covered)) {
    expect(count / experiments).toBeGreaterThan(0.89);
    expect(count / experiments).toBeLessThan(0.985);
  }
});

test("any statistic can be bootstrapped, and equals the ratio bootstrap when it is a ratio", () => {
  fc.assert(
    fc.property(bits, (trials) => {
      const observations = trials.map(({ hit, cluster }) => ({
        numerator: Number(hit),
        denominator: 1,
        cluster,
      }));
      const ratio = clusterBootstrap({ observations, replicates: 50, bounds: null });
      const general = bootstrapStatistic({
        rows: observations,
        clusterOf: (row) => row.cluster,
        statistic: (rows) => rows.reduce((sum, row) => sum + row.numerator, 0) / rows.length,
        replicates: 50,
      });
      expect(general.lower).toEqual(ratio.lower);
      expect(general.upper).toEqual(ratio.upper);
      expect(general.method).toBe(ratio.method);
    }),
    { numRuns: 40 },
  );
});

test("a statistic without a value has no interval", () => {
  const result = bootstrapStatistic({
    rows: [1, 2],
    clusterOf: (row) => row,
    statistic: () => null,
    replicates: 5,
  });
  expect(result).toMatchObject({
    estimate: null,
    lower: null,
    upper: null,
    method: "no-data",
    undefinedReplicates: 5,
  });
});

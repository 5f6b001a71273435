import { expect, test } from "vitest";
import { quantileSorted } from "../stats/quantile.ts";
import { createRng } from "../stats/rng.ts";
import { createPosterior, credibleInterval, type Posterior, query, update } from "./bisection.ts";
import { shouldStop } from "./stopping.ts";

/** A noisy score that falls from 1 to 0 around the root: the mean of `samples` draws that are 0 or 1. */
function search(options: {
  root: number;
  steepness: number;
  seed: number;
  queries: number;
  samples: number;
}) {
  const { root, steepness, seed, queries, samples } = options;
  const target = 0.3;
  const rng = createRng({ seed });
  // the logistic curve is shifted so that it meets the target at the root
  const chance = (strength: number): number =>
    1 / (1 + Math.exp(steepness * (strength - root) + Math.log((1 - target) / target)));
  let posterior: Posterior = createPosterior({ lo: 0, hi: 50, priorMean: 20, priorStd: 20, grid: 1000 });
  const widths: number[] = [];
  for (let i = 0; i < queries; i++) {
    const strength = query(posterior);
    const hits = Array.from({ length: samples }, () => Number(rng.next() < chance(strength)));
    const score = hits.reduce((sum, hit) => sum + hit, 0) / samples;
    // one pseudo-observation a coin is what this noise is worth
    posterior = update(posterior, { strength, score, target, samples, weight: 1 });
    const { lower, upper } = credibleInterval(posterior, 0.9);
    widths.push(upper - lower);
  }
  return { posterior, widths };
}

test("on noisy decreasing scores the median lands near the root and the credible interval shrinks", () => {
  const pick = createRng({ seed: 1 });
  const runs = Array.from({ length: 150 }, (_, seed) => {
    const root = 5 + 40 * pick.next();
    const steepness = 0.2 + 1.8 * pick.next();
    const { posterior, widths } = search({ root, steepness, seed, queries: 60, samples: 10 });
    const error = Math.abs(query(posterior) - root);
    return { error, shrinkage: (widths.at(-1) ?? Number.NaN) / (widths[0] ?? Number.NaN) };
  });
  // measured over 300 such searches: errors 0.07 in the middle, 0.26 at 90 %, 0.82 at 99 %, of a range of 50
  const errors = Float64Array.from(runs, (run) => run.error).sort();
  expect(quantileSorted(errors, 0.9)).toBeLessThan(0.5);
  expect(quantileSorted(errors, 1)).toBeLessThan(3);
  const shrinkage = Float64Array.from(runs, (run) => run.shrinkage).sort();
  expect(quantileSorted(shrinkage, 0.5)).toBeLessThan(0.02);
  expect(quantileSorted(shrinkage, 1)).toBeLessThan(0.5);
});

test("with the paper's ten queries of one yes-or-no answer the error is much larger", () => {
  const errorOf = (queries: number, samples: number): number => {
    const errors = Array.from({ length: 100 }, (_, seed) => {
      const root = 5 + 0.4 * seed;
      return Math.abs(query(search({ root, steepness: 1, seed, queries, samples }).posterior) - root);
    });
    return errors.reduce((sum, error) => sum + error, 0) / errors.length;
  };
  expect(errorOf(10, 1)).toBeGreaterThan(3 * errorOf(30, 10));
});

test("a search stops when the interval is narrow, and at the last query at the latest", () => {
  const prior = createPosterior({ lo: 0, hi: 50, priorMean: 20, priorStd: 20 });
  const done = search({ root: 20, steepness: 2, seed: 1, queries: 60, samples: 10 }).posterior;
  const rules = { maxQueries: 60, minQueries: 5, absoluteWidth: 5 };
  expect(shouldStop({ ...rules, posterior: prior, queries: 10 })).toMatchObject({
    stop: false,
    reason: null,
  });
  expect(shouldStop({ ...rules, posterior: done, queries: 10 })).toMatchObject({
    stop: true,
    reason: "narrow",
  });
  expect(shouldStop({ ...rules, posterior: done, queries: 4 }).stop).toBe(false);
  expect(shouldStop({ ...rules, posterior: prior, queries: 60 })).toMatchObject({
    stop: true,
    reason: "max-queries",
  });
  const relative = { maxQueries: 60, relativeWidth: 0.25 };
  expect(shouldStop({ ...relative, posterior: done, queries: 1 }).reason).toBe("narrow");
  expect(shouldStop({ ...relative, posterior: prior, queries: 1 }).stop).toBe(false);
});

test("without a width rule only the number of queries stops a search, as the paper's", () => {
  const { posterior } = search({ root: 20, steepness: 2, seed: 1, queries: 60, samples: 10 });
  expect(shouldStop({ posterior, queries: 9, maxQueries: 10 }).stop).toBe(false);
  expect(shouldStop({ posterior, queries: 10, maxQueries: 10 }).reason).toBe("max-queries");
});

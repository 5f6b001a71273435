import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../stats/rng.ts";
import type { Firing } from "./firing.ts";
import { matchControls } from "./match-controls.ts";

const LATENTS = 600;
const ROWS = 20_000;
const seed = fc.integer({ min: 0, max: 10_000 });

/** Sparse: most latents are rare, a fifth is dead; the strong ones fire often. */
function firingBy(s: number): Firing {
  const rng = createRng({ seed: s });
  const firing = { rows: ROWS, active: new Float64Array(LATENTS), sums: new Float64Array(LATENTS) };
  for (let latent = 0; latent < LATENTS; latent++) {
    if (latent % 5 === 4) continue;
    const active = Math.round(ROWS * Math.exp(-2 - 5 * rng.next()));
    firing.active[latent] = active;
    firing.sums[latent] = active * Math.exp(rng.next() + rng.next());
  }
  return firing;
}

/** Living latents that fire more often than most: what detectors are like. */
function detectorsOf(firing: Firing, count: number): number[] {
  return Array.from(firing.active, (active, latent) => ({ active, latent }))
    .sort((a, b) => b.active - a.active)
    .slice(20)
    .filter((_, i) => i % 6 === 0)
    .slice(0, count)
    .map(({ latent }) => latent);
}

describe("matched controls", () => {
  test("are used once, are none of the detectors, steered or dead latents, and lie within the caliper", () => {
    fc.assert(
      fc.property(
        seed,
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (s, sets, caliper) => {
          const firing = firingBy(s);
          const detectors = detectorsOf(firing, 12);
          const exclude = [1, 2, 3, 5, 6];
          const made = matchControls({ detectors, firing, exclude, sets, seed: s, caliper });
          const pairs = made.sets.flatMap((set) => set.pairs);
          const controls = pairs.map(({ control }) => control);
          expect(new Set(controls).size).toBe(controls.length);
          for (const { control, distance } of pairs) {
            expect(detectors).not.toContain(control);
            expect(exclude).not.toContain(control);
            expect(firing.active[control]).toBeGreaterThanOrEqual(10);
            expect(distance).toBeLessThanOrEqual(caliper);
          }
          expect(made.deadControls).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("every detector has a control in each set, or is reported with the number of sets that lack one", () => {
    fc.assert(
      fc.property(
        seed,
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0.02, max: 0.6, noNaN: true }),
        (s, sets, caliper) => {
          const firing = firingBy(s);
          const detectors = detectorsOf(firing, 12);
          const made = matchControls({ detectors, firing, sets, seed: s, caliper });
          for (const detector of detectors) {
            const has = made.sets.filter(({ pairs }) =>
              pairs.some((pair) => pair.detector === detector),
            ).length;
            const lacks = made.unmatched.find((each) => each.detector === detector)?.sets ?? 0;
            expect(has + lacks).toBe(sets);
            expect(made.matchedInAll.includes(detector)).toBe(lacks === 0);
          }
          for (const { nearest } of made.unmatched) {
            if (nearest !== null) expect(nearest).toBeGreaterThan(caliper);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("are the same for the same seed, and dealt otherwise for another", () => {
    const firing = firingBy(1);
    const detectors = detectorsOf(firing, 12);
    const draw = (s: number) => matchControls({ detectors, firing, sets: 3, seed: s });
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4).sets).not.toEqual(draw(5).sets);
  });

  test("are far more alike to the detectors than the pool and than a uniform draw", () => {
    fc.assert(
      fc.property(seed, (s) => {
        const firing = firingBy(s);
        const detectors = detectorsOf(firing, 15);
        const options = { detectors, firing, sets: 3, seed: s };
        const matched = matchControls(options);
        const uniform = matchControls({ ...options, draw: "uniform" });
        const off = ({ balance }: typeof matched) => Math.abs(balance.after.logFrequency ?? 9);
        expect(off(matched)).toBeLessThan(0.1);
        expect(off(matched)).toBeLessThan(Math.abs(matched.balance.before.logFrequency ?? 0));
        expect(off(matched)).toBeLessThan(off(uniform));
        expect(uniform.deadControls).toBeGreaterThan(0);
      }),
      { numRuns: 25 },
    );
  });

  test("a dead detector and one that is like nothing else are reported, never given a far control", () => {
    const firing = firingBy(2);
    firing.active[0] = ROWS;
    firing.sums[0] = ROWS * 1e6;
    const made = matchControls({ detectors: [0, 4, ...detectorsOf(firing, 3)], firing, sets: 2, seed: 0 });
    expect(made.unmatched).toContainEqual({ detector: 4, reason: "dead", sets: 2, nearest: null });
    expect(made.unmatched).toContainEqual({
      detector: 0,
      reason: "caliper",
      sets: 2,
      nearest: expect.any(Number),
    });
    expect(made.matchedInAll).not.toContain(0);
  });
});

describe("the uniform draw", () => {
  test("gives as many other latents a set as there are detectors, from the set's own seed", () => {
    fc.assert(
      fc.property(seed, (s) => {
        const firing = firingBy(s);
        const detectors = detectorsOf(firing, 26);
        const draw = (from: number, sets: number) =>
          matchControls({ detectors, firing, sets, seed: from, draw: "uniform" }).sets.map(({ pairs }) =>
            pairs.map(({ control }) => control),
          );
        const sets = draw(s, 2);
        for (const set of sets) {
          expect(new Set(set).size).toBe(detectors.length);
          expect(set.filter((each) => detectors.includes(each))).toEqual([]);
        }
        expect(draw(s + 1, 1)[0]).toEqual(sets[1]);
      }),
      { numRuns: 20 },
    );
  });
});

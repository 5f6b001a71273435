import fc from "fast-check";
import { expect, test } from "vitest";
import { drawPrompts, keyedSeed, unitsOf } from "./units.ts";

test("prompts are drawn without replacement within a round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 100 }),
      fc.nat(),
      (prompts, count, seed) => {
        const drawn = drawPrompts({ prompts, count, seed });
        expect(drawn).toHaveLength(count);
        for (let start = 0; start < count; start += prompts) {
          const round = drawn.slice(start, start + prompts);
          expect(new Set(round).size).toBe(round.length);
          expect(round.every((index) => index >= 0 && index < prompts)).toBe(true);
        }
      },
    ),
  );
});

test("units depend on run seed, latent and strength alone, and their keys are distinct", () => {
  const options = { latent: 5, strength: 62.5, prompts: ["a", "b", "c"], count: 6, seed: 1 };
  const units = unitsOf(options);
  expect(unitsOf(options)).toEqual(units);
  expect(new Set(units.map(({ key }) => key)).size).toBe(6);
  expect(new Set(units.map(({ seed }) => seed)).size).toBe(6);
  expect(unitsOf({ ...options, seed: 2 }).map(({ seed }) => seed)).not.toEqual(units.map(({ seed }) => seed));
  expect(unitsOf({ ...options, strength: 10 }).map(({ seed }) => seed)).toEqual(
    units.map(({ seed }) => seed),
  );
});

test("a keyed seed is an integer that the sampler accepts", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.nat()), (purpose, parts) =>
      Number.isSafeInteger(keyedSeed(purpose, ...parts)),
    ),
  );
});

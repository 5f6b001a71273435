import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../../stats/rng.ts";
import { derangements, splitPrompts } from "./pairings.ts";

const seed = fc.integer({ min: 0, max: 1000 });

test("derangements are permutations without a fixed point, and no item meets a partner twice", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 29 }), seed, (items, count, s) => {
      fc.pre(count < items);
      const made = derangements({ items, count, rng: createRng({ seed: s }) });
      expect(made).toHaveLength(count);
      for (const partner of made) {
        expect(partner.toSorted((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, i) => i));
        partner.forEach((other, i) => {
          expect(other).not.toBe(i);
        });
      }
      for (let i = 0; i < items; i++) {
        expect(new Set(made.map((partner) => partner[i])).size).toBe(count);
      }
    }),
  );
});

test("more derangements than there are other items are refused", () => {
  expect(() => derangements({ items: 4, count: 4, rng: createRng({ seed: 0 }) })).toThrow(RangeError);
});

test("prompts lie on one side each, in the share asked for, by seed", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string()),
      fc.double({ min: 0, max: 1, noNaN: true }),
      seed,
      (prompts, holdOut, s) => {
        const split = () => splitPrompts({ prompts, holdOut, rng: createRng({ seed: s }) });
        const { selection, confirmation } = split();
        expect(confirmation).toHaveLength(Math.round(prompts.length * holdOut));
        expect([...selection, ...confirmation].toSorted()).toEqual(prompts.toSorted());
        expect(split()).toEqual({ selection, confirmation });
      },
    ),
  );
});

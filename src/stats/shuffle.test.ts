import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "./rng.ts";
import { shuffle } from "./shuffle.ts";

test("a shuffle keeps every item once", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 0, max: 1000 }), (items, seed) => {
      const shuffled = shuffle(items, createRng({ seed }));
      expect(shuffled.toSorted((x, y) => x - y)).toEqual(items.toSorted((x, y) => x - y));
    }),
  );
});

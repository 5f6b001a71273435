import fc from "fast-check";
import { expect, test } from "vitest";
import { derange } from "./derangement.ts";

const seed = fc.integer({ min: 0, max: 1000 });

test("a derangement is a permutation without a pair of one group", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 2 }), seed, (groups, s) => {
      const most = Math.max(...["a", "b", "c", "d"].map((g) => groups.filter((each) => each === g).length));
      fc.pre(most * 2 <= groups.length);
      const partner = derange({ groups, seed: s });
      expect(partner.toSorted((x, y) => x - y)).toEqual(groups.map((_, i) => i));
      partner.forEach((other, i) => {
        expect(groups[other]).not.toBe(groups[i]);
      });
    }),
  );
});

test("the same seed gives the same derangement, another seed another", () => {
  const groups = Array.from({ length: 20 }, (_, i) => String(i));
  expect(derange({ groups, seed: 3 })).toEqual(derange({ groups, seed: 3 }));
  expect(derange({ groups, seed: 3 })).not.toEqual(derange({ groups, seed: 4 }));
});

test("a group of more than half has no derangement", () => {
  expect(() => derange({ groups: ["a", "a", "b"], seed: 1 })).toThrow(RangeError);
});

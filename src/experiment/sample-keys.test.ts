import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleKeys } from "./sample-keys.ts";

const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 });
const seed = fc.nat();

describe("a sample of trials", () => {
  test("holds keys of the run, each once, and as many as asked for", () => {
    fc.assert(
      fc.property(keys, fc.nat({ max: 50 }), seed, (all, count, seed) => {
        const drawn = sampleKeys({ keys: all, count, seed });
        expect(drawn).toHaveLength(Math.min(count, all.length));
        expect(new Set(drawn).size).toBe(drawn.length);
        expect(drawn.every((key) => all.includes(key))).toBe(true);
      }),
    );
  });

  test("does not depend on the order of the trials, and begins every larger one", () => {
    fc.assert(
      fc.property(keys, fc.nat({ max: 20 }), fc.nat({ max: 20 }), seed, (all, count, more, seed) => {
        const drawn = sampleKeys({ keys: all, count, seed });
        expect(sampleKeys({ keys: all.toReversed(), count, seed })).toEqual(drawn);
        expect(sampleKeys({ keys: all, count: count + more, seed }).slice(0, drawn.length)).toEqual(drawn);
      }),
    );
  });

  test("is another one for another seed", () => {
    const all = Array.from({ length: 100 }, (_, i) => `trial-${i}`);
    expect(sampleKeys({ keys: all, count: 10, seed: 1 })).not.toEqual(
      sampleKeys({ keys: all, count: 10, seed: 2 }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { splitPrompts } from "./split-prompts.ts";

test("every prompt is in one split, and the share that validates is the one asked for", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2 }),
      fc.nat(1000),
      (prompts, seed) => {
        const splits = splitPrompts({ prompts, validation: 0.1, seed });
        expect(new Set(splits.keys())).toEqual(new Set(prompts));
        const validating = [...splits.values()].filter((split) => split === "validation").length;
        expect(validating).toBe(Math.max(1, Math.round(prompts.length / 10)));
      },
    ),
  );
});

test("a share of 0 is none", () => {
  expect([...splitPrompts({ prompts: ["a", "b"], validation: 0, seed: 1 }).values()]).toEqual([
    "train",
    "train",
  ]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCode } from "../errors.ts";
import { chooseContrasts, hashTokens, isSameTask, orderContrasts } from "./contrast-set.ts";

const prompts = [
  "Explain how to tie a necktie.",
  "How do you fly a kite?",
  "Explain how to prune a rose bush.",
  "How do you carve a pumpkin?",
  "How do you play checkers?",
];

describe("contrast prompts", () => {
  test("do not depend on the order of the file", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(prompts, { minLength: prompts.length }), (shuffled) => {
        expect(orderContrasts({ prompts: shuffled })).toEqual(orderContrasts({ prompts }));
      }),
    );
  });

  test("are never of the response's own task, and larger sets begin with smaller ones", () => {
    const ordered = orderContrasts({ prompts });
    for (const own of prompts) {
      const four = chooseContrasts({ ordered, size: 4, exclude: [own] });
      expect(four).not.toContain(own);
      expect(chooseContrasts({ ordered, size: 2, exclude: [own] })).toEqual(four.slice(0, 2));
    }
  });

  test.each([0, 5, 9])("a size of %i is refused when four are left", (size) => {
    let refusal: unknown = null;
    try {
      chooseContrasts({ ordered: prompts, size, exclude: ["How do you fly a kite?"] });
    } catch (error) {
      refusal = error;
    }
    expect(isCode(refusal, "PROMPT_EMPTY")).toBe(true);
  });
});

describe("the same task", () => {
  test.each([
    ["How do you fly a kite?", "Explain how to fly kites."],
    ["Explain how to tie a necktie.", "What is the best way to tie a silk necktie?"],
    ["How do you fly a kite?", "How do you fly a kite?"],
    ["How do you do it?", "How do you do it?"],
  ])("%s = %s", (a, b) => {
    expect(isSameTask(a, b)).toBe(true);
    expect(isSameTask(b, a)).toBe(true);
  });

  test.each([
    ["How do you fly a kite?", "How do you carve a pumpkin?"],
    ["How do you solve a quadratic equation?", "How do you solve a Rubik's Cube?"],
    ["How do you do it?", "How do you fly a kite?"],
  ])("%s is not %s", (a, b) => {
    expect(isSameTask(a, b)).toBe(false);
  });
});

test("a hash tells where one sequence ends", () => {
  expect(hashTokens([Int32Array.of(1, 2), Int32Array.of(3)])).not.toBe(
    hashTokens([Int32Array.of(1), Int32Array.of(2, 3)]),
  );
});

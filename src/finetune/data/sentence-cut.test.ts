import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutAtSentence, endsSentence } from "./sentence-cut.ts";

/** A token is a word with the space before it. */
function offsetsOf(text: string): number[] {
  return [...text.matchAll(/\s*\S+/g)].map(({ index }) => index);
}
const cut = (text: string, bounds: { least: number; aim: number }) =>
  cutAtSentence({ text, offsets: offsetsOf(text), ...bounds });

describe("cutAtSentence", () => {
  const text = "One two three. Four five six seven! Eight nine ten eleven twelve";

  test("ends with the first sentence that is long enough, else with the last there is", () => {
    expect(cut(text, { least: 2, aim: 3 })).toEqual({ text: "One two three.", tokens: 3 });
    expect(cut(text, { least: 2, aim: 4 })?.tokens).toBe(7);
    expect(cut(text, { least: 2, aim: 60 })?.tokens).toBe(7);
    expect(cut(text, { least: 8, aim: 60 })).toBeNull();
  });

  test.each([
    "Mix 2.5 cups with Dr. Smith and more",
    "Ask J. K. about it then",
    "Steps are\n1. mix and\n2. bake",
  ])("a number, an initial and an abbreviation end no sentence: %s", (without) => {
    expect(cut(without, { least: 1, aim: 1 })).toBeNull();
  });

  test("what is cut is a beginning of the text, of so many whole tokens, and ends a sentence", () => {
    const words = fc.array(fc.constantFrom("a", "bee.", "see", "done!", "3.", "(x)", 'said."'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(words, fc.nat(20), fc.nat(20), (list, least, aim) => {
        const whole = list.join(" ");
        const found = cut(whole, { least, aim });
        if (found === null) return;
        expect(whole.startsWith(found.text)).toBe(true);
        expect(endsSentence(found.text)).toBe(true);
        expect(found.text.split(" ")).toHaveLength(found.tokens);
        expect(found.tokens).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mendTypos } from "./typos.ts";

describe("mended typos", () => {
  test.each([
    ["Wiat, thats worng", "Wait, thats wrong"],
    ["srry, my mistke", "sorry, my mistake"],
    ["strat agian", "start again"],
  ])("%s", (text, mended) => {
    expect(mendTypos(text).text).toBe(mended);
  });

  test("a text without a misspelt key word stays as it is, character by character", () => {
    const text = "A star gains heat; the İstanbul start was fine.";
    const { text: mended, origins } = mendTypos(text);
    expect(mended).toBe(text);
    expect([...origins]).toEqual(Array.from({ length: text.length + 1 }, (_, i) => i));
  });

  test("every character of any text has an origin, in order, and the ends meet", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom("wiat", "srry", "correctt", " ", "sory,"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join(" ");
        const { text: mended, origins } = mendTypos(text);
        expect(origins).toHaveLength(mended.length + 1);
        expect(origins.at(-1)).toBe(text.length);
        expect(origins.every((at, i) => at >= (origins[i - 1] ?? 0) && at <= text.length)).toBe(true);
      }),
    );
  });
});

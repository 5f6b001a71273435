import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth } from "./display-width.ts";
import { wrapText } from "./wrap.ts";

const texts = fc.string({ unit: fc.constantFrom("a", "bc", " ", "  ", "\n", "龍", "é", "🐉", "-") });

describe("wrapText", () => {
  it("gives no line wider than the screen", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, width) => {
        for (const line of wrapText({ text, width })) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  it("loses and invents nothing but spaces", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, width) => {
        expect(wrapText({ text, width }).join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      }),
    );
  });

  it("breaks at spaces, and inside a word only where it is wider than a line", () => {
    expect(wrapText({ text: "one two three", width: 8 })).toEqual(["one two", "three"]);
    expect(wrapText({ text: "a incomprehensible", width: 6 })).toEqual(["a", "incomp", "rehens", "ible"]);
    expect(wrapText({ text: "  indented\n\nlast", width: 20 })).toEqual(["  indented", "", "last"]);
  });

  it("counts wide characters as two columns", () => {
    expect(wrapText({ text: "龍龍龍", width: 5 })).toEqual(["龍龍", "龍"]);
  });
});

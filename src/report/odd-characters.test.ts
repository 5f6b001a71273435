import { expect, it } from "vitest";
import { oddCharacters } from "./odd-characters.ts";

const shown = (text: string) => oddCharacters(text).map((odd) => odd.shown);

it("names bidi overrides, controls, halves of pairs and what is not drawn by their code points", () => {
  expect(shown("a\u202eb\u0007c\ud83dd\u200be")).toEqual(["[U+202E]", "[U+0007]", "[U+D83D]", "[U+200B]"]);
});

it("leaves line breaks, tabs, whole emoji and joiners alone", () => {
  expect(shown("a\n\tb 👩‍🚀 می\u200cخواهم")).toEqual([]);
});

it("keeps the line of a Windows line break and shows a lone return", () => {
  expect(shown("a\r\nb\rc")).toEqual(["", "[U+000D]"]);
});

it("covers both units of a character beyond the first plane", () => {
  expect(oddCharacters("a\u{e0041}b")).toEqual([{ start: 1, end: 3, shown: "[U+E0041]" }]);
});

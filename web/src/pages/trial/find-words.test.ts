import fc from "fast-check";
import { expect, it } from "vitest";
import { findWords } from "./find-words.ts";

it("finds spans that are ascending, apart and within the text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, search) => {
      let at = -1;
      for (const { start, end } of findWords(text, search)) {
        expect(start).toBeGreaterThan(at);
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(at).toBeLessThanOrEqual(text.length);
    }),
  );
});

it("finds a word that was put into the text, whatever characters it has", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((word) => !/\s/u.test(word)),
      (word) => {
        expect(
          findWords(`before ${word} after`, word).some(
            ({ start, end }) => start <= 7 && end >= 7 + word.length,
          ),
        ).toBe(true);
      },
    ),
  );
});

it("finds several words, without regard to case", () => {
  expect(findWords("Wait, that's WRONG", "wrong wait")).toEqual([
    { start: 0, end: 4 },
    { start: 13, end: 18 },
  ]);
});

it("finds nothing for a search without a word", () => {
  expect(findWords("a b", "  ")).toEqual([]);
});

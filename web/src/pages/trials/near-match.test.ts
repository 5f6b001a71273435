import fc from "fast-check";
import { expect, it } from "vitest";
import { findWords } from "../trial/find-words.ts";
import { nearMatch } from "./near-match.ts";

it("shows what was found within the first characters, and nothing but the end of the text", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const text = `${before} needle ${after}`;
      const near = nearMatch(text, "needle");
      expect(findWords(near, "needle")[0]?.start).toBeLessThanOrEqual(17);
      expect(text.endsWith(near.replace(/^…/, ""))).toBe(true);
    }),
  );
});

it("begins with a whole word", () => {
  expect(nearMatch("one two three four five six needle", "needle")).toBe("…four five six needle");
});

it("leaves a text alone in which nothing is found", () => {
  expect(nearMatch("one two three four five six", "needle")).toBe("one two three four five six");
});

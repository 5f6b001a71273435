import { describe, expect, test } from "vitest";
import { peakOf, wordsOf } from "./peak-word.ts";

describe("the word around the peak", () => {
  test.each([
    ["alone", [" the", " cat", " sat"], 1, { text: "cat", before: "", after: "" }],
    ["from its middle", [" a", " sn", "ake", "s", " sat"], 2, { text: "snakes", before: "sn", after: "s" }],
    ["from its start", [" Sh", "el", "ter", "."], 0, { text: "Shelter", before: "", after: "elter" }],
    ["behind a sign", ["(", "cat", ")"], 1, { text: "cat", before: "", after: "" }],
    ["not over a control token", ["<|im_start|>", "user", "\n"], 1, { text: "user", before: "", after: "" }],
    ["not over a sign", [" well", "-", "known"], 2, { text: "known", before: "", after: "" }],
    ["a contraction's end stays apart", [" cat", "'s", " tail"], 1, { text: "'s", before: "", after: "" }],
    ["with accents", [" ca", "fé", "s"], 1, { text: "cafés", before: "ca", after: "s" }],
  ])("%s", (_, tokens, peak, expected) => {
    expect(peakOf({ tokens, peak })).toMatchObject({ kind: "word", ...expected });
  });
});

test.each([
  [" 1990", "number"],
  ["3.5", "number"],
  [",", "punctuation"],
  [" —", "punctuation"],
  ["\n\n", "newline"],
  ["<|im_end|>", "control"],
  ["", "control"],
  ["  ", "other"],
])("%j is a %s", (token, kind) => {
  expect(peakOf({ tokens: [" a", token, " b"], peak: 1 }).kind).toBe(kind);
});

test("words cut off at the start of a stretch are left out, and control tokens end a word", () => {
  expect(wordsOf(["agon", " flew", "<|im_end|>", "user"])).toEqual(["flew", "user"]);
  expect(wordsOf([" a", " dr", "agon", "'s", " egg"])).toEqual(["a", "dragon's", "egg"]);
});

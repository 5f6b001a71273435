import { expect, test } from "vitest";
import { glossTexts } from "./build-gloss-texts.ts";

const data = [
  "  1 This software and database is being provided to you",
  "00000001 05 n 02 dog 0 domestic_dog 0 003 @ 00000009 n 0000 ~ 00000002 n 0000 ~ 00000003 n 0000 | a member of the genus Canis",
  "00000002 05 n 01 puppy 0 001 @ 00000001 n 0000 | a young dog  ",
  "00000003 05 n 01 cur 0 001 @ 00000001 n 0000 | an inferior dog",
].join("\n");

test("a text tells of a word and its kinds; a word without kinds has none of its own", () => {
  expect(glossTexts({ data })).toEqual([
    {
      topic: "dog",
      text: "dog, domestic dog: a member of the genus Canis.\npuppy: a young dog.\ncur: an inferior dog.",
    },
  ]);
});

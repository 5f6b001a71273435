import { describe, expect, test } from "vitest";
import { lookUp, parseLexicon, readLexicon } from "./lexicon.ts";

const lexicon = readLexicon();

describe("a plural is found under its singular", () => {
  test.each([
    ["castles", "castle"],
    ["potatoes", "potato"],
    ["buses", "bus"],
    ["berries", "berry"],
    ["knives", "knife"],
    ["wolves", "wolf"],
    ["firemen", "fireman"],
    ["teeth", "tooth"],
    ["eyes", "eye"],
    ["senses", "sense"],
    ["houses", "house"],
  ])("%s -> %s", (plural, singular) => {
    expect(lookUp({ lexicon, word: plural })).toBe(lexicon.get(singular));
    expect(lexicon.get(singular)).toBeDefined();
  });

  test.each(["glass", "physics", "bus", "clothes", "news"])("%s is not cut", (word) => {
    expect(lookUp({ lexicon, word })).toBe(lexicon.get(word));
  });
});

test.each(["achieving", "xyzzy", "", "toString", "__proto__"])('"%s" is no noun', (word) => {
  expect(lookUp({ lexicon, word })).toBeUndefined();
});

test("a malformed line throws with its number", () => {
  const text = "lemma\tphysical\tnoun\tuses\ncat\t96\t93\t28\ndog\t100\n";
  expect(() => parseLexicon({ text })).toThrow(/line 3/);
});

import { describe, expect, test } from "vitest";
import { offlineLabel } from "./offline-label.ts";
import type { TextContext } from "./text-context.ts";
import { WordCounts } from "./word-counts.ts";

const words = new WordCounts();
words.add(
  `${"the of a and to in is that with for ".repeat(80)} cat castle castles walls of stone `.repeat(3),
);

/** A context from words; the peak stands in brackets, and tokens are words but for `~`, which parts tokens. */
function context(text: string, { value = 10, position = 20 } = {}): TextContext {
  const tokens: string[] = [];
  let peak = -1;
  for (const word of text.split(" ")) {
    word.split("~").forEach((part, i) => {
      const bare = part.replace(/^\[(.+)\]$/, "$1");
      if (bare !== part) peak = tokens.length;
      const isFirst = i === 0 && !/^(?:<\||\\n|[.,])/.test(bare);
      tokens.push(`${isFirst ? " " : ""}${bare.replaceAll("\\n", "\n")}`);
    });
  }
  return {
    tokens,
    activations: tokens.map((_, i) => (i === peak ? value : 0)),
    peak,
    value,
    position,
    topic: null,
  };
}

const labelOf = (texts: string[], promoted: string[] = [], position = 20) =>
  offlineLabel({ top: texts.map((text) => context(text, { position })), sample: [], promoted, words });

describe("a latent is named", () => {
  test.each([
    [
      "by the word, its forms taken together",
      ["the [castle] was", "old [castles] of", "a [Castle] in"],
      "castle",
    ],
    [
      "by the whole word if it fires on parts",
      ["a sn~[ake] and", "the sn~[ake] in", "of sn~[ake] that"],
      "snake",
    ],
    ["by a few words", ["a [dog] is", "the [dog] in", "a [wolf] is", "to [wolf] and"], "dog, wolf"],
    [
      "by the part that its words share",
      ["to [re]~build a", "and [re]~write the", "to [re]~consider", "is [re]~opened"],
      '"re-" in rebuild, rewrite, reconsider',
    ],
    ["by a sign", ["a cat [,] and", "of stone [,] to", "that is [,] in"], "comma"],
    ["by numbers", ["in [1990] the", "of [12] and", "to [7] in", "that [1848] is"], "numbers"],
    [
      "by the chat template",
      [
        "<|im_end|> \\n <|im_start|> [user] \\n",
        "<|im_start|> [user] \\n what",
        "<|im_end|> <|im_start|> [user]",
      ],
      "chat template: user",
    ],
  ])("%s", (_, texts, label) => {
    expect(labelOf(texts).label).toBe(label);
  });

  test("by its place at the start of a text", () => {
    expect(labelOf(["[castle] of", "[dog] is", "[stone] in"], [], 1)).toMatchObject({
      label: "first word of a text",
      words: [],
    });
  });

  test("as dead if it never fires", () => {
    expect(labelOf([]).label).toBe("dead");
  });
});

describe("a name that says little is explained", () => {
  test("by the word before it, or after it", () => {
    expect(
      labelOf(["spite [of] the", "spite [of] a", "spite [of] that", "spite [of] walls"]).label,
    ).toContain('after "spite"');
    expect(labelOf(["in [,] however a", "to [,] however the", "is [,] however of"]).label).toBe(
      'comma; before "however"',
    );
  });

  test("by what the texts are about", () => {
    const texts = [
      "dragon breathed fire there [.] a",
      "fire of dragon and [.] in",
      "dragon with fire that [.] is",
      "of fire dragon in [.] to",
    ];
    const { label, about } = labelOf(texts);
    expect(about.toSorted()).toEqual(["dragon", "fire"]);
    expect(label).toMatch(/^full stop; about /);
  });

  test("but the roles of a chat are not what a text is about", () => {
    const texts = new Array<string>(4).fill(
      "<|im_start|> user \\n the [castle] <|im_end|> <|im_start|> assistant",
    );
    expect(labelOf(texts).about).toEqual([]);
  });
});

test("what it promotes is added only if the tokens agree and the name doesn't say it", () => {
  const cats = [" cat", "cat", " Cats", " cats", "x"];
  const dogs = ["a [dog] is", "the [dog] in", "of [dog] that"];
  expect(labelOf(dogs, cats).label).toBe('dog; promotes "cat"');
  expect(labelOf(dogs, [" cat", " tree", " of", "x"]).label).toBe("dog");
  expect(labelOf(["a [cat] is", "the [cat] in"], cats).label).toBe("cat");
});

test("a strong place counts more than a weak one", () => {
  const strong = context("a [dog] is", { value: 30 });
  const weak = ["a [tree] is", "the [tree] in"].map((text) => context(text, { value: 2 }));
  const { words: found } = offlineLabel({ top: [strong, ...weak], sample: [], promoted: [], words });
  expect(found.map(({ word }) => word)).toEqual(["dog", "tree"]);
  expect(found[0]?.share).toBeCloseTo(30 / 34, 10);
});

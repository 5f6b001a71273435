import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildNounConcreteness, readWordnet } from "./build-wordnet-asset.ts";

const shipped = readFileSync("assets/wordnet/noun-concreteness.tsv", "utf8");

test("the shipped lexicon is what the installed WordNet gives", () => {
  // === and not toBe: a difference of a megabyte is not worth printing
  expect(buildNounConcreteness(readWordnet()) === shipped).toBe(true);
});

test("the shipped lexicon stays small", () => {
  expect(shipped.length).toBeLessThan(1_500_000);
});

describe("weights", () => {
  const dataNoun =
    "00000003 15 n 01 paris 0 001 @i 00000009 n 0000 | a city\n00000004 15 n 01 side 0 001 @ 00000009 n 0000 | a part\n";

  test.each([
    [
      "a sense counts its tags plus one",
      ["rock%1:17:00:: 00000001 1 5", "rock%1:10:00:: 00000002 2 1"],
      "rock\t75\t100\t8",
    ],
    [
      "verb senses lower the noun's share",
      ["cook%1:18:00:: 00000001 1 1", "cook%2:36:00:: 00000002 1 5"],
      "cook\t100\t25\t8",
    ],
    ["a named place is physical", ["paris%1:15:00:: 00000003 1 0"], "paris\t100\t100\t1"],
    ["any other location is not", ["side%1:15:00:: 00000004 1 0"], "side\t0\t100\t1"],
    [
      "a synonym of a head is physical",
      ["animal%1:03:00:: 00000005 1 0", "beast%1:03:00:: 00000005 1 0"],
      "beast\t100\t100\t1",
    ],
    ["the word for anything is not", ["entity%1:03:00:: 00000006 1 0"], "entity\t0\t100\t1"],
  ])("%s", (_, lines, expected) => {
    expect(buildNounConcreteness({ indexSense: lines.join("\n"), dataNoun })).toContain(`${expected}\n`);
  });

  test("words that are never nouns, and more than one word, are left out", () => {
    const indexSense =
      "run_up%1:04:00:: 00000001 1 0\nachieve%2:41:00:: 00000002 1 9\n4%1:23:00:: 00000003 1 0";
    expect(buildNounConcreteness({ indexSense, dataNoun })).toBe("lemma\tphysical\tnoun\tuses\n\n");
  });
});

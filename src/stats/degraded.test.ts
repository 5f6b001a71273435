import { expect, test } from "vitest";
import { isDegraded, longestWordRun } from "./degraded.ts";

test.each([
  ["five equal words in a row", "so the the the the the end", true],
  ["nothing but the loop", "loop loop loop loop loop", true],
  ["words parted by any white space", "go\ngo\tgo  go\u00a0go", true],
  ["four equal words", "the the the the end of it", false],
  ["five one-letter words", "a a a a a", false],
  ["five lone emoji, one character each", "😀 😀 😀 😀 😀", false],
  ["four words in total", "no no no no", false],
  ["a run broken by a one-letter word", "go go go a go go go", false],
  ["a repeated phrase, which the rule doesn't find", "over and over and over and over and over and", false],
  ["case counts", "The the The the The the", false],
  ["empty text", "", false],
])("%s", (_, text, degraded) => {
  expect(isDegraded(text)).toBe(degraded);
});

test("the longest run is counted, not the first", () => {
  expect(longestWordRun("aa aa bb bb bb aa")).toBe(3);
  expect(longestWordRun(" \n ")).toBe(0);
});

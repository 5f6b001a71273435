import { expect, test } from "vitest";
import { counted, fixed, lastPart, oneLine, percent, pValue, range, short, smallShare } from "./format.ts";

test("what is not there is a dash, and never 0", () => {
  expect([percent(null), fixed(null), short(null), range(null, 1), smallShare(null)]).toEqual(
    Array.from({ length: 5 }, () => "–"),
  );
});

test("a p value is never printed as 0", () => {
  expect([pValue(0), pValue(0.00099), pValue(0.0123), pValue(1)]).toEqual([
    "< 0.001",
    "< 0.001",
    "0.012",
    "1.000",
  ]);
});

test("numbers have a true minus and no negative zero", () => {
  expect([fixed(-1.25), fixed(-0.04), short(-2.5), range(-1, 2)]).toEqual([
    "−1.3",
    "0.0",
    "−2.5",
    "−1.0 to 2.0",
  ]);
});

test("small shares keep two digits, and what is above 0 never looks like 0", () => {
  expect([0, 0.00001, 0.000123, 0.0456, 1].map(smallShare)).toEqual([
    "0 %",
    "< 0.01 %",
    "0.012 %",
    "4.6 %",
    "100 %",
  ]);
});

test("words follow their number", () => {
  expect([counted(1, "trial"), counted(0, "trial"), counted(12345, "trial")]).toEqual([
    "1 trial",
    "0 trials",
    "12,345 trials",
  ]);
});

test("a line is cut between characters", () => {
  expect(oneLine("a\n b\t🙂🙂🙂", 6)).toBe("a b 🙂…");
  expect(oneLine("short", 5)).toBe("short");
});

test("of a path the last part is shown", () => {
  expect([lastPart("/a/b.gguf"), lastPart("C:\\m\\b.gguf"), lastPart("b"), lastPart("/a/b/")]).toEqual([
    "b.gguf",
    "b.gguf",
    "b",
    "b",
  ]);
});

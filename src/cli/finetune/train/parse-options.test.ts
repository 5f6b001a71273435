import { expect, test } from "vitest";
import { layersOf, matricesOf, strengthRange } from "./parse-options.ts";

test("blocks are given one by one, as ranges with both ends, or all together", () => {
  expect(layersOf("3")).toEqual([3]);
  expect(layersOf("0-2, 8,10-11")).toEqual([0, 1, 2, 8, 10, 11]);
  expect(layersOf("all")).toBe("all");
});

test("matrices are given by name", () => {
  expect(matricesOf("attn_q, ffn_down")).toEqual(["attn_q", "ffn_down"]);
  expect(matricesOf("all")).toBe("all");
});

test("strengths are given as a range, or as one number", () => {
  expect(strengthRange("40..90.5")).toEqual([40, 90.5]);
  expect(strengthRange("-2..2")).toEqual([-2, 2]);
  expect(strengthRange("7")).toEqual([7, 7]);
});

test.each([
  ["a range that falls", () => layersOf("5-3")],
  ["a range with three ends", () => layersOf("1-2-3")],
  ["a block that is no number", () => layersOf("1,x")],
  ["no block", () => layersOf("")],
  ["a matrix that no block has", () => matricesOf("attn_q,wq")],
  ["a strength that is no number", () => strengthRange("40..")],
  ["strengths of three ends", () => strengthRange("1..2..3")],
])("refuses %s", (_, act) => {
  expect(act).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

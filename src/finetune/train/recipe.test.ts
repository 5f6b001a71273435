import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseRecipe } from "./recipe.ts";

test("a recipe that names only its data has every default, and is its own recipe", () => {
  const recipe = parseRecipe({ settings: { data: "d.jsonl" }, source: "x" });
  expect(recipe.lora).toMatchObject({ rank: 16, matrices: "all", layers: "all" });
  expect(parseRecipe({ settings: { ...recipe, provenance: { any: 1 } }, source: "x" })).toEqual(recipe);
});

test.each([
  ["an unknown field", { lora: { ranks: 3 } }, "lora: "],
  ["a matrix that no block has", { lora: { matrices: ["attn_x"] } }, "lora.matrices"],
  ["a layer twice", { lora: { layers: [1, 1] } }, "a layer is named twice"],
  ["strengths in the wrong order", { steer: { strength: [5, 2] } }, "the first strength is above the second"],
  ["no data", { data: undefined }, "data: "],
])("refuses %s by its place", (_, settings, message) => {
  const act = () => parseRecipe({ settings: { data: "d.jsonl", ...settings }, source: "r.yaml" });
  expect(act).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  expect(act).toThrow(message);
});

test("the recipe in docs/finetune.md is the one of the defaults", () => {
  const text = readFileSync(new URL("../../../docs/finetune.md", import.meta.url), "utf8");
  const yaml = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const documented: unknown = parse(yaml);
  expect(documented).toEqual(parseRecipe({ settings: { data: "data.jsonl" }, source: "docs" }));
});

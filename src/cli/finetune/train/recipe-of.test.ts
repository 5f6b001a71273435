import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { type TemporaryFolder, temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { Provenance } from "../../../finetune/train/provenance.ts";
import { type RecipeFlags, recipeOf, writeRecipe } from "./recipe-of.ts";

const PROVENANCE: Provenance = {
  package: "1",
  llamaCpp: "b1",
  threads: 2,
  model: { file: "/m.gguf", name: "m", architecture: "llama", sha256: "a" },
  data: { file: "/d.jsonl", sha256: "b", examples: 3 },
  sae: null,
};

let folder: TemporaryFolder;
let begun: string;
const FLAGS: RecipeFlags = { data: "/d.jsonl", rank: 8, ratio: 50, steer: "both", patience: 0 };

beforeAll(async () => {
  folder = await temporaryFolder();
  begun = path.join(folder.path, "begun");
  await mkdir(begun);
  const { recipe } = await recipeOf({ dir: begun, flags: FLAGS });
  await writeRecipe({ dir: begun, recipe, provenance: PROVENANCE });
});
afterAll(() => folder[Symbol.asyncDispose]());

test("flags go over the recipe file, which goes over the defaults", async () => {
  const file = path.join(folder.path, "r.yaml");
  await writeFile(
    file,
    stringify({ data: "/other.jsonl", lora: { rank: 4, alpha: 6 }, train: { batch: 2 } }),
  );
  const { recipe, before } = await recipeOf({ dir: "/nowhere", flags: { recipe: file, rank: 32 } });
  expect(before).toBeNull();
  expect(recipe).toMatchObject({
    data: "/other.jsonl",
    lora: { rank: 32, alpha: 6, matrices: "all" },
    train: { batch: 2, warmUpSteps: 10 },
  });
});

test("the same flags again go on with the folder's training, and so does the folder alone", async () => {
  const again = await recipeOf({ dir: begun, flags: FLAGS });
  expect(again.before).toEqual(PROVENANCE);
  expect(again.recipe).toMatchObject({ lora: { rank: 8 }, validation: { patience: null } });
  expect(await recipeOf({ dir: begun, flags: {} })).toEqual(again);
});

test("data that moved are no other settings: their hash is compared", async () => {
  const { recipe } = await recipeOf({ dir: begun, flags: { ...FLAGS, data: "/moved.jsonl" } });
  expect(recipe.data).toBe("/moved.jsonl");
});

test.each([
  ["another rank", { ...FLAGS, rank: 9 }, "lora.rank"],
  [
    "a flag left out beside the data",
    { data: "/d.jsonl", rank: 8, steer: "both", patience: 0 },
    "train.ratio",
  ],
  ["another seed, without data", { seed: 5 }, "train.seed"],
] as const)("refuses to go on with %s, naming it", async (_, flags, field) => {
  await expect(recipeOf({ dir: begun, flags })).rejects.toMatchObject({
    code: "RUNS_UNEQUAL",
    facts: { different: [field] },
  });
});

test.each([
  ["no data and no training", {}],
  ["a recipe file that isn't there", { recipe: "/none.yaml" }],
  ["a range of dropout that is none", { data: "d", dropout: 1 }],
])("refuses %s", async (_, flags) => {
  await expect(recipeOf({ dir: "/nowhere", flags })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

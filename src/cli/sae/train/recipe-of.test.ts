import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { newRecipe, storedRecipe } from "./recipe-of.ts";

it("flags go over the file, and the file over the defaults", async () => {
  await using folder = await temporaryFolder();
  const config = path.join(folder.path, "recipe.yaml");
  await writeFile(config, "layer: 3\ntrain:\n  latents: 256\n  k: 8\n  auxK: 5\n");
  const recipe = await newRecipe({ flags: { config, k: 16, docs: ["a.txt"] } });
  expect(recipe).toMatchObject({
    layer: 3,
    context: 256,
    docs: [path.resolve("a.txt")],
    train: { latents: 256, k: 16, auxK: 5, totalRows: 1_500_000 },
  });
});

it("a stored recipe comes back as it was written", async () => {
  await using folder = await temporaryFolder();
  const recipe = await newRecipe({ flags: { latents: 64, variant: "batchtopk", seed: 3 } });
  await writeFile(path.join(folder.path, "recipe.yaml"), stringify(recipe));
  expect(await storedRecipe({ dir: folder.path, flags: {} })).toEqual({ recipe, provenance: null });
});

it("going on refuses settings, a folder without a recipe, and a damaged provenance", async () => {
  await using folder = await temporaryFolder();
  const dir = path.join(folder.path, "run");
  await expect(storedRecipe({ dir, flags: {} })).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await mkdir(dir);
  await writeFile(path.join(dir, "recipe.yaml"), "provenance: 3\n");
  await expect(storedRecipe({ dir, flags: { k: 3 } })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    facts: { changed: ["train"] },
  });
  await expect(storedRecipe({ dir, flags: {} })).rejects.toMatchObject({ code: "STORE_CORRUPT" });
});

it.each([
  ["no mapping", "- 1\n- 2\n"],
  ["no YAML", "a: [1\n"],
  ["an unknown field", "latents: 4\n"],
])("refuses a file with %s", async (_, text) => {
  await using folder = await temporaryFolder();
  const config = path.join(folder.path, "recipe.yaml");
  await writeFile(config, text);
  await expect(newRecipe({ flags: { config } })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

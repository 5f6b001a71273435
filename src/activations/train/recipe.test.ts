import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseRecipe } from "./recipe.ts";

const parse = (settings: unknown) => parseRecipe({ settings, source: "recipe.yaml" });

it("an empty recipe is the default model's, and every setting of it may be given again", () => {
  const recipe = parse({});
  expect(recipe).toMatchObject({
    model: "smollm2-135m",
    weights: "fast",
    train: { latents: 8192, k: 32, totalRows: 1_500_000, variant: "topk" },
  });
  expect(parse({ ...recipe, provenance: { anything: 1 } })).toEqual(recipe);
});

it("the recipe in the docs is the default one, field by field", () => {
  const page = readFileSync(new URL("../../../docs/sae.md", import.meta.url), "utf8");
  const example: unknown = parseYaml(/```yaml\n(model:.*?)```/s.exec(page)?.[1] ?? "");
  expect(example).toEqual(parse({}));
});

it("a given size goes over the default, and the trainer's own checks hold", () => {
  expect(parse({ train: { latents: 64 } }).train).toMatchObject({ latents: 64, k: 32 });
  expect(() => parse({ train: { latents: 16 } })).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      facts: { source: "recipe.yaml", problems: [expect.stringContaining("train.k")] },
    }),
  );
});

it.each([
  { laitents: 3 },
  { train: { learningrate: 1 } },
  { docs: [] },
  { heldOut: { share: 1 } },
  { context: 4 },
  { activations: "rows.safetensors", docs: ["corpus.jsonl"] },
  { activations: "rows.safetensors", cache: "rows.safetensors" },
])("refuses %j", (settings) => {
  expect(() => parse(settings)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

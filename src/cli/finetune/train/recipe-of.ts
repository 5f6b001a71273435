/** Where a fine-tuning's recipe comes from: a YAML file under the flags, or the folder of a training that goes on. */
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { CountersteerError, messageOf } from "../../../errors.ts";
import { checkSameSettings, type Provenance, provenanceSchema } from "../../../finetune/train/provenance.ts";
import { parseRecipe, type Recipe, type SteerMode } from "../../../finetune/train/recipe.ts";
import type { MatrixName } from "../../../finetune/types.ts";
import { parseYaml } from "../../../model/parse-yaml.ts";
import { findModel } from "../../../model/registry.ts";

/** Flags that say something about the adapter, in contrast to those about this machine. */
export interface RecipeFlags {
  recipe?: string;
  model?: string;
  data?: string;
  rank?: number;
  alpha?: number;
  dropout?: number;
  matrices?: "all" | MatrixName[];
  layers?: "all" | number[];
  epochs?: number;
  steps?: number;
  batch?: number;
  learningRate?: number;
  warmup?: number;
  ratio?: number;
  maxRows?: number;
  skipLong?: boolean;
  seed?: number;
  validateEvery?: number;
  patience?: number;
  keep?: "best" | "last";
  steer?: SteerMode;
  sae?: string;
  layer?: number;
  steerLatents?: number[];
  steerStrength?: [number, number];
}

export interface ChosenRecipe {
  recipe: Recipe;
  /** Of a training that goes on; null for a new one. */
  before: Provenance | null;
}

type Tree = Record<string, unknown>;

/** The recipe file of a training's folder. */
export function recipeFile(dir: string): string {
  return path.join(dir, "recipe.yaml");
}

/**
 * The recipe that the flags describe. Where the folder holds a training it must be the same; flags that name neither data nor a recipe
 * are read as going on with it. Throws CONFIG_INVALID, RUNS_UNEQUAL, STORE_CORRUPT.
 */
export async function recipeOf({ dir, flags }: { dir: string; flags: RecipeFlags }): Promise<ChosenRecipe> {
  const stored = await storedRecipe(dir);
  const goesOn = flags.data === undefined && flags.recipe === undefined;
  if (stored === null && goesOn) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "No data was given to train on.",
      why: `There is no --data, no --recipe, and no training in ${dir} to go on with.`,
      todo: "Give --data, a file of `countersteer finetune data`.",
      facts: { option: "--data" },
    });
  }
  const base = goesOn && stored !== null ? stored.settings : await fileOf(flags.recipe);
  const recipe = absolute(
    parseRecipe({
      settings: overlay({ base, patch: patchOf(flags) }),
      source: flags.recipe ?? "the command line",
    }),
  );
  if (stored === null) return { recipe, before: null };
  const file = recipeFile(dir);
  checkSameSettings({ before: parseRecipe({ settings: stored.settings, source: file }), now: recipe });
  const before = provenanceSchema.safeParse(stored.provenance);
  if (before.success) return { recipe, before: before.data };
  throw new CountersteerError("STORE_CORRUPT", {
    what: `${file} can't be used to go on.`,
    why: "Its provenance is not as it was written.",
    todo: "Bring back the file as it was, or train in a new folder.",
    facts: { file },
    cause: before.error,
  });
}

/** The effective recipe, with which the same adapter can be made again (`--recipe`). Whole or not at all. */
export async function writeRecipe({
  dir,
  recipe,
  provenance,
}: {
  dir: string;
  recipe: Recipe;
  provenance: Provenance;
}): Promise<void> {
  await writeFile(`${recipeFile(dir)}.part`, stringify({ ...recipe, provenance }));
  await rename(`${recipeFile(dir)}.part`, recipeFile(dir));
}

async function storedRecipe(dir: string): Promise<{ settings: Tree; provenance: unknown } | null> {
  const text = await readFile(recipeFile(dir), "utf8").catch(() => null);
  if (text === null) return null;
  const { provenance, ...settings } = yamlOf({ text, file: recipeFile(dir) });
  return { settings, provenance };
}

async function fileOf(file: string | undefined): Promise<Tree> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw noRecipe({ file, why: `${messageOf(cause)}.`, cause });
  }
  return yamlOf({ text, file });
}

function yamlOf({ text, file }: { text: string; file: string }): Tree {
  let value: unknown;
  try {
    value = parseYaml(text) ?? {};
  } catch (cause) {
    throw noRecipe({ file, why: `${messageOf(cause)}.`, cause });
  }
  if (!isTree(value)) throw noRecipe({ file, why: "A recipe is a mapping of fields to values." });
  return value;
}

function noRecipe({ file, why, cause }: { file: string; why: string; cause?: unknown }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} can't be read as a recipe.`,
    why,
    todo: "Give a recipe in YAML; docs/finetune.md shows one.",
    facts: { file },
    cause,
  });
}

function absolute(recipe: Recipe): Recipe {
  const isFolder = recipe.steer.sae !== null && /^\.{0,2}\//.test(recipe.steer.sae);
  return {
    ...recipe,
    data: path.resolve(recipe.data),
    model: findModel(recipe.model) === null ? path.resolve(recipe.model) : recipe.model,
    steer: {
      ...recipe.steer,
      sae: isFolder && recipe.steer.sae !== null ? path.resolve(recipe.steer.sae) : recipe.steer.sae,
    },
  };
}

function patchOf(flags: RecipeFlags): Tree {
  const { rank, alpha, dropout, matrices, layers } = flags;
  const { epochs, steps, batch, learningRate, warmup, ratio, maxRows, skipLong, seed } = flags;
  return {
    model: flags.model,
    data: flags.data,
    lora: { rank, alpha, dropout, matrices, layers },
    train: { epochs, steps, batch, learningRate, warmUpSteps: warmup, ratio, maxRows, skipLong, seed },
    validation: { every: flags.validateEvery, patience: patienceOf(flags), keep: flags.keep },
    steer: {
      mode: flags.steer,
      sae: flags.sae,
      layer: flags.layer,
      latents: flags.steerLatents,
      strength: flags.steerStrength,
    },
  };
}

/** `--patience 0` never ends early. */
function patienceOf({ patience }: RecipeFlags): number | null | undefined {
  return patience === 0 ? null : patience;
}

/** `patch` over `base`, one level deep; what is undefined in the patch stays as it was. */
function overlay({ base, patch }: { base: Tree; patch: Tree }): Tree {
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (isTree(value)) {
      const inner = Object.entries(value).filter(([, each]) => each !== undefined);
      const below = merged[key];
      if (inner.length > 0) merged[key] = { ...(isTree(below) ? below : {}), ...Object.fromEntries(inner) };
    } else if (value !== undefined) {
      merged[key] = value;
    }
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

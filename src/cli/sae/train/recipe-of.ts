/** The recipe that a command line means: a YAML file under the flags, or the recipe of a training that goes on. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Provenance, provenanceSchema } from "../../../activations/train/provenance.ts";
import { parseRecipe, type Recipe } from "../../../activations/train/recipe.ts";
import type { WeightMode } from "../../../engine/engine.ts";
import { CountersteerError, messageOf } from "../../../errors.ts";
import { parseYaml } from "../../../model/parse-yaml.ts";
import { findModel } from "../../../model/registry.ts";

/** Flags that say something about the dictionary, in contrast to those about this machine. */
export interface RecipeFlags {
  config?: string;
  model?: string;
  weights?: WeightMode;
  layer?: number;
  docs?: string[];
  activations?: string;
  cacheActivations?: string;
  context?: number;
  latents?: number;
  k?: number;
  variant?: string;
  tokens?: number;
  lr?: number;
  batch?: number;
  seed?: number;
}

/** The recipe file of a training's folder. */
export function recipeFile(dir: string): string {
  return path.join(dir, "recipe.yaml");
}

/** A new training's recipe; file names are absolute, so that it goes on from any folder. Throws CONFIG_INVALID. */
export async function newRecipe({ flags }: { flags: RecipeFlags }): Promise<Recipe> {
  const base = flags.config === undefined ? {} : await readYaml(flags.config);
  const settings = overlay({ base, patch: patchOf(flags) });
  const recipe = parseRecipe({ settings, source: flags.config ?? "the command line" });
  const absolute = (file: string | null) => (file === null ? null : path.resolve(file));
  return {
    ...recipe,
    model: findModel(recipe.model) === null ? path.resolve(recipe.model) : recipe.model,
    docs: recipe.docs?.map((file) => path.resolve(file)) ?? null,
    activations: absolute(recipe.activations),
    cache: absolute(recipe.cache),
    generate: { ...recipe.generate, topics: absolute(recipe.generate.topics) },
  };
}

export interface StoredRecipe {
  recipe: Recipe;
  /** null where the training was stopped before its rows were known. */
  provenance: Provenance | null;
}

/** The recipe of a training that goes on. Throws RUN_NOT_FOUND, CONFIG_INVALID for flags that would change it, STORE_CORRUPT. */
export async function storedRecipe({
  dir,
  flags,
}: {
  dir: string;
  flags: RecipeFlags;
}): Promise<StoredRecipe> {
  const file = recipeFile(dir);
  if (!existsSync(file)) {
    throw new CountersteerError("RUN_NOT_FOUND", {
      what: `There is no training in ${dir}.`,
      why: "It has no recipe.yaml.",
      todo: "Leave out --resume to begin one, or give the folder of one.",
      facts: { dir },
    });
  }
  refuseChanges(flags);
  const stored = await readYaml(file);
  const recipe = parseRecipe({ settings: stored, source: file });
  if (stored.provenance === undefined) return { recipe, provenance: null };
  const provenance = provenanceSchema.safeParse(stored.provenance);
  if (provenance.success) return { recipe, provenance: provenance.data };
  throw new CountersteerError("STORE_CORRUPT", {
    what: `${file} can't be used to go on.`,
    why: "Its provenance is not as it was written.",
    todo: "Bring back the file as it was, or train in a new folder.",
    facts: { file },
    cause: provenance.error,
  });
}

function refuseChanges(flags: RecipeFlags): void {
  const patch = overlay({ base: {}, patch: patchOf(flags) });
  const changed = [...(flags.config === undefined ? [] : ["config"]), ...Object.keys(patch)];
  if (changed.length === 0) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `--resume was given together with settings: ${changed.join(", ")}.`,
    why: "A training goes on by its own recipe, so that it ends as it would have without the stop.",
    todo: "Leave them out, or begin a new training in another folder.",
    facts: { changed },
  });
}

type Tree = Record<string, unknown>;

function patchOf(flags: RecipeFlags): Tree {
  return {
    model: flags.model,
    weights: flags.weights,
    layer: flags.layer,
    docs: flags.docs,
    activations: flags.activations,
    cache: flags.cacheActivations,
    context: flags.context,
    train: {
      latents: flags.latents,
      k: flags.k,
      variant: flags.variant,
      totalRows: flags.tokens,
      learningRate: flags.lr,
      batchRows: flags.batch,
      seed: flags.seed,
    },
  };
}

/** `patch` over `base`, one level deep; what is undefined in the patch stays as it was. */
function overlay({ base, patch }: { base: Tree; patch: Tree }): Tree {
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (isTree(value)) {
      const inner = given(value);
      const below = merged[key];
      if (Object.keys(inner).length > 0) merged[key] = { ...(isTree(below) ? below : {}), ...inner };
    } else if (value !== undefined) {
      merged[key] = value;
    }
  }
  return merged;
}

function given(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined));
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readYaml(file: string): Promise<Tree> {
  let value: unknown;
  try {
    value = parseYaml(await readFile(file, "utf8")) ?? {};
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${file} can't be read as a YAML file.`,
      why: `${messageOf(cause)}.`,
      todo: "Give a recipe; docs/sae.md shows one.",
      facts: { file },
      cause,
    });
  }
  if (isTree(value)) return value;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${file} holds no recipe.`,
    why: "A recipe is a mapping of fields to values.",
    todo: "See docs/sae.md for an example.",
    facts: { file },
  });
}

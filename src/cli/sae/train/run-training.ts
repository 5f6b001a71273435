/** One session of a training: opens what the recipe names, goes on where the folder's checkpoint is, writes the dictionary at the end. */
import { rename, writeFile } from "node:fs/promises";
import os from "node:os";
import { stringify } from "yaml";
import { openActivations } from "../../../activations/activation-file.ts";
import { type PreparedRows, prepareRows } from "../../../activations/train/prepare-rows.ts";
import { checkSameRows, type Provenance } from "../../../activations/train/provenance.ts";
import type { Recipe } from "../../../activations/train/recipe.ts";
import { type TrainingSummary, writeSummary } from "../../../activations/train/summary.ts";
import { trainDictionary } from "../../../activations/train/train-dictionary.ts";
import { openDenseProduct } from "../../../engine/llama/dense-product.ts";
import { throwIfAborted } from "../../../model/aborted.ts";
import { cacheDir } from "../../../model/cache-dir.ts";
import type { KnownModel } from "../../../model/registry.ts";
import { writeTrained } from "../../../sae/train/write-trained.ts";
import type { CliContext } from "../../context.ts";
import { type OpenedEngine, openEngine } from "../../open-engine.ts";
import type { MachineFlags } from "../../options.ts";
import { packageVersion } from "../../package-version.ts";
import { layerOf } from "../../sae-of.ts";
import { recipeFile, type StoredRecipe } from "./recipe-of.ts";
import { prepareLine, trainLine } from "./train-text.ts";

export interface RunTrainingOptions {
  /** Exists; nobody else writes to it. */
  dir: string;
  stored: StoredRecipe;
  flags: MachineFlags;
  context: CliContext;
}

/** Throws ABORTED after Ctrl-C, when a checkpoint was written; RUNS_UNEQUAL, and what the parts throw. */
export async function runTraining(options: RunTrainingOptions): Promise<TrainingSummary> {
  const { dir, stored, flags, context } = options;
  const opened = stored.recipe.activations === null ? await openModel(options) : null;
  try {
    const recipe = { ...stored.recipe, layer: layerFor({ recipe: stored.recipe, opened }) };
    // answers take long to write: a session that ends among them can be gone on with, too
    if (recipe.docs === null && opened !== null && stored.provenance === null) {
      await writeRecipe({ dir, recipe, provenance: null });
    }
    const { terminal, signal } = context;
    const prepared = await prepareRows({
      recipe,
      model: opened === null ? null : { engine: opened.engine, layer: recipe.layer },
      dir,
      cacheDir: cacheDir({ override: flags.cacheDir }),
      packageVersion: packageVersion(),
      signal,
      onProgress: (progress) => terminal.status(() => prepareLine(progress)),
    });
    try {
      return await trainOn({ ...options, recipe, known: opened?.known ?? null, prepared });
    } finally {
      prepared.rows.close();
    }
  } finally {
    await opened?.close();
  }
}

async function openModel({ stored, flags, context }: RunTrainingOptions): Promise<OpenedEngine> {
  const { model, weights, docs, generate, context: window } = stored.recipe;
  const { context: _, ...machine } = flags;
  return openEngine({
    flags: { ...machine, model, weights },
    context,
    defaults:
      docs === null
        ? { slots: 48, contextPerSlot: Math.max(window, generate.maxTokens + QUESTION_TOKENS) }
        : { slots: 8, contextPerSlot: window },
  });
}

/** Room for the question about a topic, the chat template included. */
const QUESTION_TOKENS = 184;

/** The recipe's layer, else the one that the activations or the model name. Throws CONFIG_INVALID where none does. */
function layerFor({ recipe, opened }: { recipe: Recipe; opened: OpenedEngine | null }): number {
  const flags = recipe.layer === null ? {} : { layer: recipe.layer };
  if (recipe.activations === null) return layerOf({ flags, dictionary: null, known: opened?.known ?? null });
  const file = openActivations({ path: recipe.activations });
  file.close();
  const layer = Number(file.metadata.layer ?? Number.NaN);
  const facts = { path: recipe.activations, layer: Number.isInteger(layer) && layer >= 0 ? layer : null };
  return layerOf({ flags, dictionary: facts, known: null });
}

async function trainOn({
  dir,
  stored,
  context,
  recipe,
  known,
  prepared,
}: RunTrainingOptions & {
  recipe: Recipe & { layer: number };
  known: KnownModel | null;
  prepared: PreparedRows;
}): Promise<TrainingSummary> {
  const { terminal, signal } = context;
  const { rows, provenance } = prepared;
  if (stored.provenance === null) {
    await writeRecipe({ dir, recipe, provenance });
  } else {
    checkSameRows({ before: stored.provenance, now: provenance });
  }
  const { latents, k, variant } = recipe.train;
  const trained = await trainDictionary({
    recipe,
    rows,
    dir,
    product: openDenseProduct,
    threads: os.availableParallelism(),
    signal,
    onProgress: (progress) => terminal.status(() => trainLine({ latents, progress })),
  });
  if (trained.finished === "aborted") throwIfAborted({ signal, what: "The training" });
  const { weights, heldOut } = trained;
  await writeTrained({
    folder: dir,
    weights,
    settings: recipe.train,
    origin: {
      modelName: modelName({ known, provenance }),
      layer: recipe.layer,
      facts: { countersteer_version: provenance.package, training_rows: trained.rows, held_out: heldOut },
    },
  });
  const summary: TrainingSummary = {
    dictionary: dir,
    dModel: weights.dModel,
    latents,
    k,
    variant,
    layer: recipe.layer,
    rows: trained.rows,
    epochRows: rows.rows,
    steps: trained.steps,
    training: trained.last,
    heldOut,
    heldOutDocuments: prepared.heldOutDocuments,
    seconds: trained.seconds,
    rowsPerSecond: trained.rowsPerSecond,
    dropped: trained.dropped,
  };
  await writeSummary({ dir, summary });
  return summary;
}

/** The model by the name that others know it by: a GGUF file's own name is often a leftover of its making. */
function modelName({
  known,
  provenance: { model, activations },
}: {
  known: KnownModel | null;
  provenance: Provenance;
}): string {
  if (known !== null) return known.hub.repo.replace(/^.*\//, "").replace(/-GGUF$/i, "");
  return model?.name ?? activations?.metadata.model ?? "unknown";
}

/** The effective recipe, with which the same dictionary can be made again (`--config`). Whole or not at all. */
async function writeRecipe({
  dir,
  recipe,
  provenance,
}: {
  dir: string;
  recipe: Recipe;
  provenance: Provenance | null;
}): Promise<void> {
  const file = recipeFile(dir);
  await writeFile(`${file}.part`, stringify({ ...recipe, ...(provenance === null ? {} : { provenance }) }));
  await rename(`${file}.part`, file);
}

/** From a recipe to its rows: documents are written if need be, tokenized, and captured to a file if one is wanted. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import { openActivations } from "../activation-file.ts";
import { asksAbout } from "../ask-about.ts";
import { type AnswerProgress, generateAnswers } from "../generate-answers.ts";
import { readTopics } from "../read-topics.ts";
import { type Corpus, tokenizeCorpus } from "../tokenize-corpus.ts";
import { cacheActivations } from "./cache-activations.ts";
import { corpusProvenance, fileProvenance, type Provenance } from "./provenance.ts";
import type { Recipe } from "./recipe.ts";
import { checkCorpus, rowsOfFile, streamedRows, type TrainingRows } from "./training-rows.ts";

export type PrepareProgress =
  | ({ phase: "answers" } & AnswerProgress)
  | { phase: "documents"; done: number }
  | { phase: "capture"; done: number; total: number }
  | { phase: "held-out" };

export interface PrepareRowsOptions {
  recipe: Recipe;
  /** null where the recipe names activations. */
  model: { engine: Engine; layer: number } | null;
  /** Folder of the training: answers that the model writes go there, and the held-out documents. */
  dir: string;
  cacheDir: string;
  packageVersion: string;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

export interface PreparedRows {
  rows: TrainingRows;
  provenance: Provenance;
  /** File of the documents that are not trained on; null where there are no documents. */
  heldOutDocuments: string | null;
}

/** Throws CONFIG_INVALID, LAYER_OUT_OF_RANGE, SAE_UNREADABLE, ABORTED, and what the engine throws. */
export async function prepareRows(options: PrepareRowsOptions): Promise<PreparedRows> {
  const { recipe, model, cacheDir, packageVersion } = options;
  if (recipe.activations !== null) {
    const path = recipe.activations;
    const file = openActivations({ path });
    const { metadata } = file;
    file.close();
    const provenance = await fileProvenance({ path, metadata, packageVersion, cacheDir });
    return { rows: rowsOfFile({ path, settings: recipe }), provenance, heldOutDocuments: null };
  }
  if (model === null) throw new RangeError("rows of documents need a model");
  return rowsOfDocuments({ ...options, ...model });
}

type WithModel = PrepareRowsOptions & { engine: Engine; layer: number };

async function rowsOfDocuments(options: WithModel): Promise<PreparedRows> {
  const { recipe, engine, layer, dir, cacheDir, packageVersion, signal, onProgress } = options;
  checkLayer({ layer, engine });
  const files = recipe.docs ?? [await writeAnswers(options)];
  const corpus = await tokenizeCorpus({
    engine,
    files,
    context: recipe.context,
    skipFirst: recipe.skipFirst,
    prefixEvery: recipe.prefixEvery,
    heldOutShare: recipe.heldOut.share,
    signal,
    onDocuments: (done) => onProgress?.({ phase: "documents", done }),
  });
  checkCorpus({ corpus, files });
  const { contents } = corpus.heldOut;
  const heldOutDocuments = join(dir, "held-out.jsonl");
  await writeFile(heldOutDocuments, contents.map((document) => `${JSON.stringify(document)}\n`).join(""));
  const provenance = await corpusProvenance({ engine, corpus, files, packageVersion, cacheDir });
  return { rows: await rowsOfCorpus({ ...options, corpus, provenance }), provenance, heldOutDocuments };
}

async function rowsOfCorpus(
  options: WithModel & { corpus: Corpus; provenance: Provenance },
): Promise<TrainingRows> {
  const { recipe, engine, layer, corpus, provenance, signal, onProgress } = options;
  if (recipe.cache === null) {
    onProgress?.({ phase: "held-out" });
    return streamedRows({ engine, corpus, layer, settings: recipe, signal });
  }
  await cacheActivations({
    engine,
    corpus,
    layer,
    path: recipe.cache,
    dtype: recipe.cacheType,
    heldOutRows: recipe.heldOut.rows,
    metadata: {
      layer: String(layer),
      model: engine.info.name,
      model_sha256: engine.info.fileHash,
      weight_type: engine.info.weightType,
      llama_cpp: String(engine.build.llamaCpp),
      documents_sha256: provenance.documents.map(({ sha256 }) => sha256).join(" "),
      context: String(recipe.context),
      skip_first: String(recipe.skipFirst),
      prefix_every: String(recipe.prefixEvery),
      held_out_share: String(recipe.heldOut.share),
      held_out_rows: String(recipe.heldOut.rows),
    },
    signal,
    onRows: (progress) => onProgress?.({ phase: "capture", ...progress }),
  });
  return rowsOfFile({ path: recipe.cache, settings: recipe });
}

/** The model's answers about the recipe's topics; an answer that is there already is kept. Returns their file. */
async function writeAnswers({ recipe, engine, dir, signal, onProgress }: WithModel): Promise<string> {
  const { topics, rounds, maxTokens, temperature, repetitionPenalty } = recipe.generate;
  const file = join(dir, "corpus.jsonl");
  await generateAnswers({
    engine,
    asks: asksAbout({ topics: await readTopics({ file: topics }), rounds }),
    file,
    sampling: { maxTokens, temperature, repetitionPenalty },
    seed: recipe.train.seed,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (progress) => onProgress?.({ phase: "answers", ...progress }),
  });
  return file;
}

/** Before anything long is done. */
function checkLayer({ layer, engine }: { layer: number; engine: Engine }): void {
  const { layers, name } = engine.info;
  if (layer < layers) return;
  throw new CountersteerError("LAYER_OUT_OF_RANGE", {
    what: `${name} has no layer ${layer}.`,
    why: `Its layers are 0 to ${layers - 1}.`,
    todo: "Give another --layer.",
    facts: { layer, layers },
  });
}

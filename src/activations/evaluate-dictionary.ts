/**
 * How good dictionaries are on held-out documents: sparsity, reconstruction, dead latents, and what the model loses when they are spliced in.
 * All dictionaries see the same rows and the same scored tokens. Intervals are cluster bootstraps by document.
 */
import os from "node:os";
import type { Engine, Replacement } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { throwIfAborted } from "../model/aborted.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import type { LatentUse } from "../sae/latent-stats.ts";
import { rowsOf } from "./capture-rows.ts";
import { sharedPrefix } from "./document-tokens.ts";
import type { Document } from "./documents.ts";
import { evaluateLoss } from "./evaluate-loss.ts";
import { evaluateRows } from "./evaluate-rows.ts";
import {
  type CrossEntropy,
  crossEntropyOf,
  type DictionaryEvaluation,
  dictionaryEvaluation,
  type Losses,
} from "./evaluation-result.ts";
import { type EvaluationWindow, evaluationWindows } from "./evaluation-windows.ts";

export type EvaluationProgress =
  | { phase: "rows"; done: number; total: number }
  | { phase: "loss"; done: number; total: number };

export interface EvaluateDictionariesOptions {
  engine: Engine;
  /** Read until enough rows are there. */
  documents: AsyncIterable<Document> | Iterable<Document>;
  /** The first is the one that the others are compared with. Each must fit the engine (`checkSae`). */
  dictionaries: readonly Dictionary[];
  layer: number;
  /** Rows to measure, rounded up to a whole document. @default 20000 */
  tokens?: number;
  /** Documents of which the cross-entropy is measured, the first ones; 0 leaves it out. @default 60 */
  lossDocuments?: number;
  /** Rows at the start of every sequence that are neither measured nor replaced. @default 1 */
  skipFirst?: number;
  /** The same for the tokens with which every chat of the model begins. @default true */
  skipPrefix?: boolean;
  /** Tokens of a sequence at most; longer documents are cut. @default what a slot of the engine holds */
  context?: number;
  /** Threads of the encoder. @default the machine's */
  threads?: number;
  /** Seed of the bootstraps. @default 0 */
  seed?: number;
  signal?: AbortSignal;
  onProgress?: (progress: EvaluationProgress) => void;
}

export interface Evaluation {
  layer: number;
  rows: number;
  documents: number;
  /** Rows left out at the start of each sequence, and of each chat. */
  excluded: { first: number; chatPrefix: number };
  context: number;
  /** Null where it was not asked for, or no document has a scored token. */
  crossEntropy: CrossEntropy | null;
  /** In the order of the dictionaries. */
  dictionaries: DictionaryEvaluation[];
}

export interface EvaluationWithLatents extends Evaluation {
  /** Every latent of each dictionary. */
  latents: LatentUse[][];
}

/** Throws CONFIG_INVALID where the documents hold no row to measure, and what reading, engine and dictionaries throw. */
export async function evaluateDictionaries(
  options: EvaluateDictionariesOptions,
): Promise<EvaluationWithLatents> {
  const { engine, dictionaries, layer, tokens = 20_000, lossDocuments = 60, skipFirst = 1 } = options;
  const { threads = os.availableParallelism(), seed = 0, signal, onProgress } = options;
  const context = options.context ?? Number(engine.build.contextPerSlot);
  const chatPrefix = options.skipPrefix === false ? 0 : await chatPrefixOf(engine);
  const windows = await collect({ ...options, tokens, context, skipFirst, skipPrefix: chatPrefix });
  const total = windows.reduce((sum, window) => sum + rowsOf(window), 0);
  const { moments, measures } = await evaluateRows({
    engine,
    windows,
    layer,
    dictionaries,
    threads,
    signal,
    onRows: (done) => onProgress?.({ phase: "rows", done, total }),
  });
  const scored = windows.filter(
    ({ document, tokens: all, scoreFrom }) => document < lossDocuments && scoreFrom < all.length,
  );
  const losses =
    scored.length === 0
      ? null
      : await lossesOf({
          ...options,
          windows: scored,
          mean: Float32Array.from(moments.mean()),
        });
  return {
    layer,
    rows: total,
    documents: new Set(windows.map(({ document }) => document)).size,
    excluded: { first: skipFirst, chatPrefix },
    context,
    crossEntropy: losses === null ? null : crossEntropyOf({ losses, seed }),
    dictionaries: dictionaries.map((dictionary, index) =>
      dictionaryEvaluation({ dictionary, index, moments, measures, losses, seed }),
    ),
    latents: measures.map(({ latents }) => [...latents.uses()]),
  };
}

async function chatPrefixOf(engine: Engine): Promise<number> {
  return engine.info.chatTemplate === null ? 0 : await sharedPrefix({ engine });
}

interface CollectOptions {
  engine: Engine;
  documents: AsyncIterable<Document> | Iterable<Document>;
  tokens: number;
  context: number;
  skipFirst: number;
  skipPrefix: number;
  signal?: AbortSignal;
}

async function collect(options: CollectOptions): Promise<EvaluationWindow[]> {
  const { engine, documents, tokens, context, skipFirst, skipPrefix, signal } = options;
  const windows: EvaluationWindow[] = [];
  let rows = 0;
  let number = 0;
  for await (const document of documents) {
    throwIfAborted({ signal, what: "The evaluation" });
    for (const window of await evaluationWindows({
      engine,
      document,
      number,
      context,
      skipFirst,
      skipPrefix,
    })) {
      windows.push(window);
      rows += rowsOf(window);
    }
    number += 1;
    if (rows >= tokens) break;
  }
  if (rows === 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "The documents hold no row to measure.",
      why: `${number} documents were read, and the first rows of each sequence are left out.`,
      todo: "Give longer documents.",
      facts: { documents: number, skipFirst, skipPrefix },
    });
  }
  return windows;
}

type LossesOptions = Pick<
  EvaluateDictionariesOptions,
  "engine" | "dictionaries" | "layer" | "signal" | "onProgress"
> & { windows: EvaluationWindow[]; mean: Float32Array };

async function lossesOf(options: LossesOptions): Promise<Losses> {
  const { engine, dictionaries, layer, windows, mean, signal, onProgress } = options;
  const total = windows.length * (dictionaries.length + 3);
  let done = 0;
  const measure = (replacement: Replacement | null) =>
    evaluateLoss({
      engine,
      windows,
      layer,
      replacement,
      signal,
      onWindow: () => onProgress?.({ phase: "loss", done: ++done, total }),
    });
  const original = await measure(null);
  const zero = await measure({ kind: "zero" });
  const meanAblated = await measure({ kind: "vector", vector: mean });
  const spliced: Map<number, number>[] = [];
  for (const { path } of dictionaries) {
    spliced.push(await measure({ kind: "reconstruction", sae: path }));
  }
  const tokens = new Map<number, number>();
  for (const { document, tokens: all, scoreFrom } of windows) {
    tokens.set(document, (tokens.get(document) ?? 0) + all.length - scoreFrom);
  }
  return { tokens, original, zero, mean: meanAblated, spliced };
}

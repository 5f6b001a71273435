/** Captures a corpus once into a file, from which any number of dictionaries can be trained. */
import { existsSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import { openActivations } from "../activation-file.ts";
import { captureRows, rowsOf } from "../capture-rows.ts";
import type { TokenWindow } from "../document-tokens.ts";
import type { Corpus } from "../tokenize-corpus.ts";
import { type ActivationDtype, writeActivations } from "../write-activations.ts";
import { heldOutWindows } from "./training-rows.ts";

export interface CacheActivationsOptions {
  engine: Engine;
  corpus: Corpus;
  layer: number;
  /** A file that is there already is kept, if it holds these activations. */
  path: string;
  dtype: ActivationDtype;
  /** Held-out rows at most. */
  heldOutRows: number;
  /** What determines the rows; stored in the file. */
  metadata: Record<string, string>;
  signal?: AbortSignal | undefined;
  onRows?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** Rows captured at a time: enough to keep every engine process busy, small beside the model. */
const CHUNK_ROWS = 16_384;

/** Throws CONFIG_INVALID for a file with other activations, DISK_FULL, and what the engine throws. */
export async function cacheActivations(options: CacheActivationsOptions): Promise<void> {
  const { corpus, path, dtype, heldOutRows, metadata, onRows } = options;
  if (existsSync(path)) {
    checkCache({ path, metadata });
    return;
  }
  const parts = {
    rows: corpus.train.windows,
    held_out: heldOutWindows({ windows: corpus.heldOut.windows, most: heldOutRows }),
  };
  const counts = { rows: countRows(parts.rows), held_out: countRows(parts.held_out) };
  const total = counts.rows + counts.held_out;
  let before = 0;
  await writeActivations({
    path,
    dModel: options.engine.info.dModel,
    dtype,
    counts,
    metadata,
    async *chunks(part) {
      for (const windows of chunksOf(parts[part])) {
        yield await captureChunk({
          ...options,
          windows,
          onDone: (done) => onRows?.({ done: before + done, total }),
        });
        before += countRows(windows);
      }
    },
  });
}

async function captureChunk({
  engine,
  layer,
  windows,
  signal,
  onDone,
}: Pick<CacheActivationsOptions, "engine" | "layer" | "signal"> & {
  windows: TokenWindow[];
  onDone: (done: number) => void;
}): Promise<Float32Array> {
  const target = new Float32Array(countRows(windows) * engine.info.dModel);
  await captureRows({ engine, windows, layer, target, signal, onRows: onDone });
  return target;
}

function countRows(windows: readonly TokenWindow[]): number {
  return windows.reduce((sum, window) => sum + rowsOf(window), 0);
}

function* chunksOf(windows: readonly TokenWindow[]): Generator<TokenWindow[], void, void> {
  let chunk: TokenWindow[] = [];
  let rows = 0;
  for (const window of windows) {
    chunk.push(window);
    rows += rowsOf(window);
    if (rows >= CHUNK_ROWS) {
      yield chunk;
      chunk = [];
      rows = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}

function checkCache({ path, metadata }: { path: string; metadata: Record<string, string> }): void {
  const file = openActivations({ path });
  file.close();
  const different = Object.keys(metadata).filter((key) => file.metadata[key] !== metadata[key]);
  if (different.length === 0) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${path} holds other activations than this recipe's.`,
    why: different
      .map((key) => `${key}: ${file.metadata[key] ?? "none"} in the file, ${metadata[key]} here`)
      .join("; "),
    todo: "Give another file, or train on this one with --activations.",
    facts: { path, different },
  });
}

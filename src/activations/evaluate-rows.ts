/** Streams residual rows once and measures every dictionary on the same rows. */
import type { Engine } from "../engine/engine.ts";
import { LatentReader } from "../engine/llama/latent-reader.ts";
import { throwIfAborted } from "../model/aborted.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import { decodeRows } from "../sae/encode.ts";
import { LatentStats } from "../sae/latent-stats.ts";
import { ReconstructionStats } from "../sae/reconstruction-stats.ts";
import { RowMoments } from "../sae/row-moments.ts";
import { captureRows, rowsOf } from "./capture-rows.ts";
import type { EvaluationWindow } from "./evaluation-windows.ts";

/** Rows that are captured together: enough to keep every engine process busy. */
const BATCH_ROWS = 4096;
/** Latent values that are held at once. */
const HELD_VALUES = 2 ** 24;

export interface EvaluateRowsOptions {
  engine: Engine;
  windows: readonly EvaluationWindow[];
  layer: number;
  dictionaries: readonly Dictionary[];
  /** Threads of the encoder. */
  threads: number;
  signal?: AbortSignal | undefined;
  /** Called with the rows measured so far. */
  onRows?: ((done: number) => void) | undefined;
}

export interface RowMeasures {
  moments: RowMoments;
  /** One for each dictionary, in their order. */
  measures: { reconstruction: ReconstructionStats; latents: LatentStats }[];
}

/** Throws what the engine and reading the dictionaries throw. */
export async function evaluateRows(options: EvaluateRowsOptions): Promise<RowMeasures> {
  const { engine, windows, layer, dictionaries, threads, signal, onRows } = options;
  const { dModel } = engine.info;
  const moments = new RowMoments({ dModel });
  const each = dictionaries.map((dictionary) => ({
    reader: new LatentReader({ dictionary, threads }),
    reconstruction: new ReconstructionStats({ dModel }),
    latents: new LatentStats({ latents: dictionary.latents }),
  }));
  for (const { reader } of each) reader.prepareReconstruction();
  let done = 0;
  for (const batch of batches(windows)) {
    const count = batch.reduce((sum, window) => sum + rowsOf(window), 0);
    const rows = new Float32Array(count * dModel);
    await captureRows({ engine, windows: batch, layer, target: rows, signal });
    const documents = documentOfRows({ windows: batch, count });
    moments.add({ rows, documents });
    const batchMean = meanRow({ rows, count, dModel });
    for (const { reader, reconstruction, latents } of each) {
      const { dictionary } = reader;
      const step = Math.max(1, Math.floor(HELD_VALUES / dictionary.latents));
      for (let start = 0; start < count; start += step) {
        throwIfAborted({ signal, what: "The evaluation" });
        const end = Math.min(count, start + step);
        const part = rows.subarray(start * dModel, end * dModel);
        const indexes = Array.from({ length: end - start }, (_, i) => i);
        const acts = reader.read({ rows: part, indexes, latents: [] });
        latents.add({ acts });
        reconstruction.add({
          rows: part,
          reconstructed: decodeRows({ dictionary, acts }),
          documents: documents.subarray(start, end),
          batchMean,
        });
      }
    }
    done += count;
    onRows?.(done);
  }
  return { moments, measures: each.map(({ reconstruction, latents }) => ({ reconstruction, latents })) };
}

function* batches(windows: readonly EvaluationWindow[]): Generator<EvaluationWindow[], void, void> {
  let batch: EvaluationWindow[] = [];
  let rows = 0;
  for (const window of windows) {
    batch.push(window);
    rows += rowsOf(window);
    if (rows >= BATCH_ROWS) {
      yield batch;
      batch = [];
      rows = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

function documentOfRows({
  windows,
  count,
}: {
  windows: readonly EvaluationWindow[];
  count: number;
}): Int32Array {
  const documents = new Int32Array(count);
  let at = 0;
  for (const window of windows) {
    documents.fill(window.document, at, at + rowsOf(window));
    at += rowsOf(window);
  }
  return documents;
}

function meanRow({
  rows,
  count,
  dModel,
}: {
  rows: Float32Array;
  count: number;
  dModel: number;
}): Float64Array {
  const mean = new Float64Array(dModel);
  rows.forEach((value, at) => {
    const i = at % dModel;
    mean[i] = (mean[i] ?? 0) + value / count;
  });
  return mean;
}

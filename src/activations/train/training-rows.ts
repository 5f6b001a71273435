/** The rows of a recipe: what is trained on, and what is measured on. */
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import type { ActivationPosition } from "../../sae/train/activation-source.ts";
import { type ActivationFile, openActivations } from "../activation-file.ts";
import { openActivationFileSource } from "../activation-file-source.ts";
import { openActivationStream } from "../activation-stream.ts";
import { planEpoch } from "../block-plan.ts";
import type { LoadedBlock, ShuffledSource } from "../block-source.ts";
import { captureRows, rowsOf } from "../capture-rows.ts";
import type { TokenWindow } from "../document-tokens.ts";
import type { Corpus } from "../tokenize-corpus.ts";
import type { Recipe } from "./recipe.ts";

export interface OpenSourceOptions {
  /** @default the beginning */
  position?: ActivationPosition | undefined;
  onBlock?: ((block: LoadedBlock) => void) | undefined;
}

export interface TrainingRows {
  readonly dModel: number;
  /** Rows of one epoch. */
  readonly rows: number;
  /** `[n, d_model]`; null where no document fell on the held-out side. */
  readonly heldOut: Float32Array | null;
  open(options: OpenSourceOptions): ShuffledSource;
  close(): void;
}

type Settings = Pick<Recipe, "train" | "blockRows" | "maxNormRatio" | "heldOut">;

/** Rows as the engine captures them. Captures the held-out ones now. Throws what the engine throws. */
export async function streamedRows({
  engine,
  corpus,
  layer,
  settings,
  signal,
}: {
  engine: Engine;
  corpus: Corpus;
  layer: number;
  settings: Settings;
  signal?: AbortSignal | undefined;
}): Promise<TrainingRows> {
  const windows = heldOutWindows({ windows: corpus.heldOut.windows, most: settings.heldOut.rows });
  const { dModel } = engine.info;
  const heldOut = new Float32Array(windows.reduce((sum, window) => sum + rowsOf(window), 0) * dModel);
  await captureRows({ engine, windows, layer, target: heldOut, signal });
  return {
    dModel,
    rows: corpus.train.rows,
    heldOut: heldOut.length === 0 ? null : heldOut,
    open: (options) =>
      openActivationStream({
        ...options,
        engine,
        windows: corpus.train.windows,
        layer,
        blockRows: settings.blockRows,
        maxNormRatio: settings.maxNormRatio,
        seed: settings.train.seed,
      }),
    close() {},
  };
}

/** Windows from all over the held-out documents, with at most `most` rows; all of them where they have fewer. */
export function heldOutWindows({
  windows,
  most,
}: {
  windows: readonly TokenWindow[];
  most: number;
}): TokenWindow[] {
  const rows = windows.map(rowsOf);
  const chosen: number[] = [];
  let total = 0;
  for (const piece of planEpoch({ rows, blockRows: most, seed: 0, epoch: 0 }).flat()) {
    total += rows[piece] ?? 0;
    if (total > most) break;
    chosen.push(piece);
  }
  return chosen.toSorted((a, b) => a - b).flatMap((piece) => windows[piece] ?? []);
}

/**
 * Rows of a file. Where it has no `held_out` part, its last rows are measured on: neighbours come from one document, so that a random
 * choice would measure on documents that are trained on. Throws SAE_UNREADABLE, CONFIG_INVALID.
 */
export function rowsOfFile({ path, settings }: { path: string; settings: Settings }): TrainingRows {
  const file = openActivations({ path });
  const { rows: total, held_out: kept } = file.counts;
  const leaveOut = kept > 0 ? 0 : Math.floor(total * settings.heldOut.share);
  return {
    dModel: file.dModel,
    rows: total - leaveOut,
    heldOut: heldOutOf({ file, leaveOut, most: settings.heldOut.rows }),
    open: (options) =>
      openActivationFileSource({
        ...options,
        file,
        leaveOut,
        blockRows: settings.blockRows,
        maxNormRatio: settings.maxNormRatio,
        seed: settings.train.seed,
      }),
    close: () => file.close(),
  };
}

function heldOutOf({
  file,
  leaveOut,
  most,
}: {
  file: ActivationFile;
  leaveOut: number;
  most: number;
}): Float32Array | null {
  const { rows, held_out: kept } = file.counts;
  if (kept > 0) return file.read({ part: "held_out", row: 0, count: Math.min(kept, most) });
  if (leaveOut === 0) return null;
  const count = Math.min(leaveOut, most);
  return file.read({ part: "rows", row: rows - count, count });
}

/** Throws CONFIG_INVALID for a corpus that leaves nothing to train on. */
export function checkCorpus({ corpus, files }: { corpus: Corpus; files: readonly string[] }): void {
  if (corpus.train.rows > 0) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: "There are no rows to train on.",
    why: `The ${corpus.train.documents} documents for training in ${files.join(", ")} have no token besides those that are dropped.`,
    todo: "Give more or longer documents, or a smaller held-out share.",
    facts: { files, train: corpus.train.documents, heldOut: corpus.heldOut.documents },
  });
}

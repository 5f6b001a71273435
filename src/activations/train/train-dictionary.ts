/** Trains a dictionary on prepared rows: goes on at the folder's checkpoint, measures held-out rows, keeps a log. */
import { join } from "node:path";
import { findCheckpoint } from "../../sae/train/checkpoint.ts";
import type { OpenDenseProduct } from "../../sae/train/dense-product.ts";
import { openTrainer } from "../../sae/train/trainer.ts";
import type { StepReport, TrainedWeights, TrainResult } from "../../sae/train/trainer-types.ts";
import { readPosition } from "../read-position.ts";
import { HeldOutError, type HeldOutMeasure } from "./held-out-error.ts";
import type { Recipe } from "./recipe.ts";
import { type LoggedStep, openTrainingLog } from "./training-log.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface TrainProgress extends StepReport {
  /** The last measurement; null before the first, or without held-out rows. */
  heldOut: HeldOutMeasure | null;
  /** In this session. */
  rowsPerSecond: number;
  secondsLeft: number;
}

export interface TrainDictionaryOptions {
  recipe: Pick<Recipe, "train" | "heldOut" | "checkpointEvery">;
  rows: TrainingRows;
  /** Folder of the training: the log and the checkpoints are in it. */
  dir: string;
  product: OpenDenseProduct;
  /** Threads of the trainer; they change no result. */
  threads: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Milliseconds. @default performance.now */
  now?: () => number;
}

export interface TrainedDictionary {
  finished: TrainResult["finished"];
  weights: TrainedWeights;
  /** Since the beginning, as `rows`. */
  steps: number;
  rows: number;
  /** null if there was no step. */
  last: LoggedStep | null;
  heldOut: HeldOutMeasure | null;
  /** Rows dropped as outliers in this session. */
  dropped: number;
  /** Of this session, the captures that it waited for included. */
  seconds: number;
  rowsPerSecond: number;
}

/** After an abort everything is in the checkpoint. Throws STORE_CORRUPT, CONFIG_INVALID, TRAINING_DIVERGED, and what the source throws. */
export async function trainDictionary(options: TrainDictionaryOptions): Promise<TrainedDictionary> {
  const { recipe, rows, dir, product, threads, signal, onProgress, now = () => performance.now() } = options;
  const { train: settings } = recipe;
  const folder = join(dir, "checkpoints");
  const checkpoint = await findCheckpoint({ folder });
  const before = checkpoint?.step ?? 0;
  using log = await openTrainingLog({ file: join(dir, "log.jsonl"), steps: before });
  let dropped = 0;
  const source = rows.open({
    position: checkpoint === null ? undefined : readPosition(checkpoint.position),
    onBlock: (block) => {
      dropped += block.dropped;
      log.write({ event: "block", ...block });
    },
  });
  using heldOutError = openHeldOut({ rows, settings, product, threads });
  let heldOut: HeldOutMeasure | null = null;
  const measure = (step: number) => {
    if (heldOutError === null) return;
    heldOut = heldOutError.measure(trainer.weights());
    log.write({ event: "held-out", step, ...heldOut });
  };
  let last: LoggedStep | null = log.lastStep;
  const started = now();
  const seconds = () => (now() - started) / 1000;
  const rate = (steps: number) => ((steps - before) * settings.batchRows) / Math.max(seconds(), 1e-3);
  const trainer = await openTrainer({
    settings,
    source,
    product,
    folder,
    checkpointRows: recipe.checkpointEvery,
    workers: threads,
    onStep: (report) => {
      const { loss, fvu, l0, dead } = report;
      last = { loss, fvu, l0, dead };
      log.write({ event: "step", ...report });
      const { every } = recipe.heldOut;
      const due = Math.floor(report.rows / every) > Math.floor((report.rows - settings.batchRows) / every);
      if (due && report.step < report.totalSteps) measure(report.step);
      const rowsPerSecond = rate(report.step);
      const left = (report.totalSteps - report.step) * settings.batchRows;
      onProgress?.({ ...report, heldOut, rowsPerSecond, secondsLeft: left / rowsPerSecond });
    },
  });
  try {
    const { finished } = await trainer.run({ signal });
    if (finished !== "aborted") measure(trainer.step);
    return {
      finished,
      weights: trainer.weights(),
      steps: trainer.step,
      rows: trainer.step * settings.batchRows,
      last,
      heldOut,
      dropped,
      seconds: seconds(),
      rowsPerSecond: rate(trainer.step),
    };
  } finally {
    await trainer.close();
    await source.close();
  }
}

function openHeldOut({
  rows: { heldOut: rows, dModel },
  settings: { latents, k },
  product,
  threads,
}: Pick<TrainDictionaryOptions, "rows" | "product" | "threads"> & {
  settings: Recipe["train"];
}): HeldOutError | null {
  return rows === null ? null : new HeldOutError({ rows, dModel, latents, k, product, threads });
}

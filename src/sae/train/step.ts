/**
 * One training step: forward, loss, gradients, Adam. The dense product runs block by block and its output is searched at
 * once; all else touches only active latents.
 */
import { CountersteerError } from "../../errors.ts";
import { countThreshold } from "./batch-threshold.ts";
import type { DenseProduct, Precision } from "./dense-product.ts";
import type { KernelThreads } from "./kernel-threads.ts";
import type { ActiveList, Layout } from "./layout.ts";
import { CHUNK } from "./layout.ts";
import { learningRateAt, totalSteps } from "./schedule.ts";
import type { TrainSettings } from "./settings.ts";
import type { StepReport } from "./trainer-types.ts";
import type { Views } from "./views.ts";

/** Error of a product over the product of both norms that comes from the rounding of sums, with room to spare. */
const SUM_ERROR = 2 ** -12;
/** The next batch's entries of `batchtopk` are searched from this part of the last threshold. */
const FLOOR_SHARE = 0.5;

/** What a step changes besides the memory; it belongs to a checkpoint. */
export interface Progress {
  /** Steps done. */
  step: number;
  /** Factor from rows as they come to rows as they are trained on; 0 before the first batch. */
  scale: number;
  /** Running threshold of `batchtopk`, and where its search begins. */
  threshold: number;
  floor: number;
}

export interface StepContext {
  settings: TrainSettings;
  layout: Layout;
  views: Views;
  threads: KernelThreads;
  product: DenseProduct;
  precision: Precision;
}

/** Trains on the first `batchRows` rows in memory. Throws TRAINING_DIVERGED before a weight changes. */
export function trainStep({ context, progress }: { context: StepContext; progress: Progress }): StepReport {
  const { settings, layout, threads, views } = context;
  const { batchRows } = settings;
  const learningRate = learningRateAt({ settings, step: progress.step });
  threads.run({ kernel: "prepare", to: batchRows, chunk: CHUNK, args: [progress.scale] });
  const dead = gatherDead({ context, step: progress.step });
  select({ context, progress, dead });
  const coefficient = 2 / batchRows;
  threads.run({ kernel: "decodeMain", to: batchRows, chunk: CHUNK, args: [coefficient] });
  threads.run({ kernel: "invertMain", to: layout.latents, args: [batchRows, coefficient] });
  const loss = meanOf(views.floats(layout.main.squaredErrorAt, batchRows));
  const withDead = dead > 0 && layout.aux !== null;
  const aux = withDead ? auxiliary({ context, dead }) : 0;
  const report: StepReport = {
    step: progress.step + 1,
    totalSteps: totalSteps(settings),
    rows: (progress.step + 1) * batchRows,
    loss,
    auxLoss: aux,
    fvu: loss / varianceOf(context),
    l0: meanOf(views.ints(layout.main.countAt, batchRows)),
    dead,
    learningRate,
  };
  if (!Number.isFinite(loss + aux)) throw diverged(report);
  update({ context, step: progress.step, learningRate, withDead });
  progress.step += 1;
  return report;
}

/** Lists the latents that are dead at this step, padded to a multiple of 4 by latents that can't win; gives their number. */
function gatherDead({ context, step }: { context: StepContext; step: number }): number {
  const { settings, layout, views } = context;
  const silentSteps = Math.ceil(settings.deadAfterRows / settings.batchRows);
  const { latents } = layout;
  const list = views.ints(layout.deadAt, latents);
  const bias = views.floats(layout.deadBiasAt, latents);
  const norm = views.floats(layout.deadNormAt, latents);
  const norms = views.floats(layout.encoderNormAt, latents);
  let dead = 0;
  for (let latent = 0; latent < latents; latent++) {
    if (step - (views.lastActive[latent] ?? 0) < silentSteps) continue;
    list[dead] = latent;
    bias[dead] = views.encoderBias[latent] ?? 0;
    norm[dead] = norms[latent] ?? 0;
    dead += 1;
  }
  for (let at = dead; at % 4 !== 0; at++) {
    list[at] = 0;
    bias[at] = Number.NEGATIVE_INFINITY;
    norm[at] = 0;
  }
  return dead;
}

/** Fills the active lists from the dense product. */
function select({
  context,
  progress,
  dead,
}: {
  context: StepContext;
  progress: Progress;
  dead: number;
}): void {
  const { settings, layout, threads, views } = context;
  const { batchRows } = settings;
  if (settings.variant === "topk") {
    searchBlocks({ context, floor: 0, dead });
    return;
  }
  const { main } = layout;
  const wanted = settings.k * batchRows;
  const counts = views.ints(main.countAt, batchRows);
  searchBlocks({ context, floor: progress.floor, dead });
  if (progress.floor > 0 && counts.reduce((sum, count) => sum + count, 0) < wanted) {
    searchBlocks({ context, floor: 0, dead });
  }
  const values = views.ints(main.valueAt, batchRows * main.room);
  const threshold = countThreshold({ values, room: main.room, counts, rows: batchRows, count: wanted });
  threads.run({ kernel: "keepAbove", to: batchRows, chunk: CHUNK, args: [threshold] });
  const rate = progress.threshold === 0 ? 1 : settings.thresholdRate;
  progress.threshold += rate * (threshold - progress.threshold);
  progress.floor = FLOOR_SHARE * threshold;
}

function searchBlocks({ context, floor, dead }: { context: StepContext; floor: number; dead: number }): void {
  const { settings, layout, views, threads, product, precision } = context;
  const rounded = precision === "bfloat16";
  const error = SUM_ERROR + (rounded ? relativeRounding({ layout, views }) : 0);
  const padded = Math.ceil(dead / 4) * 4;
  for (let first = 0; first < settings.batchRows; first += layout.blockRows) {
    const to = Math.min(first + layout.blockRows, settings.batchRows);
    product.multiply({ block: first / layout.blockRows });
    const share = { from: first, to, chunk: CHUNK / 4 };
    threads.run({ ...share, kernel: "selectMain", args: [first, floor, error, Number(rounded)] });
    if (dead > 0 && layout.aux !== null)
      threads.run({ ...share, kernel: "selectDead", args: [first, padded, error, Number(rounded)] });
  }
}

/** The largest part that an encoder row loses by rounding. */
function relativeRounding({ layout, views }: Pick<StepContext, "layout" | "views">): number {
  const lost = views.floats(layout.encoderRoundingAt, layout.latents);
  const norms = views.floats(layout.encoderNormAt, layout.latents);
  return lost.reduce((most, loss, latent) => Math.max(most, loss / ((norms[latent] ?? 0) || 1)), 0);
}

/** The auxiliary loss of Gao et al. (section 2.4): dead latents reconstruct the error; it counts less while few are dead. */
function auxiliary({ context, dead }: { context: StepContext; dead: number }): number {
  const { settings, layout, threads, views } = context;
  const aux = requireAux(layout);
  const { batchRows } = settings;
  const weight = settings.auxCoefficient * Math.min(1, dead / aux.most);
  const coefficient = (2 * weight) / batchRows;
  threads.run({ kernel: "decodeDead", to: batchRows, chunk: CHUNK, args: [coefficient] });
  threads.run({ kernel: "invertDead", to: layout.latents, args: [batchRows, coefficient] });
  return weight * meanOf(views.floats(aux.squaredErrorAt, batchRows));
}

function requireAux({ aux }: Layout): ActiveList {
  if (aux === null) throw new Error("the auxiliary loss is off");
  return aux;
}

function update({
  context,
  step,
  learningRate,
  withDead,
}: {
  context: StepContext;
  step: number;
  learningRate: number;
  withDead: boolean;
}): void {
  const { settings, layout, threads, views } = context;
  const { beta1, beta2, clipNorm } = settings;
  const rate = learningRate / (1 - beta1 ** (step + 1));
  const correction = 1 / Math.sqrt(1 - beta2 ** (step + 1));
  const run = (normsOnly: boolean, clip: number): void =>
    threads.run({
      kernel: "update",
      to: layout.latents,
      chunk: CHUNK,
      args: [Number(normsOnly), Number(withDead), step + 1, clip, rate, correction],
    });
  let clip = 1;
  if (clipNorm !== null) {
    run(true, 1);
    const squared = views.floats(layout.squaredGradientAt, layout.latents).reduce((sum, v) => sum + v, 0);
    const bias = biasGradient(context).reduce((sum, v) => sum + v * v, 0);
    clip = Math.min(1, clipNorm / Math.sqrt(squared + bias));
  }
  run(false, clip);
  stepDecoderBias({ context, gradient: biasGradient(context), clip, rate, correction });
}

/** Through the reconstruction, and through the encoder that sees `x - b_dec`. */
function biasGradient({ settings, layout, views }: StepContext): Float64Array {
  const { columns, latents } = layout;
  const errors = sumRows(
    views.floats(layout.errorSumsAt, Math.ceil(settings.batchRows / CHUNK) * columns),
    columns,
  );
  const encoder = sumRows(views.floats(layout.biasSumsAt, Math.ceil(latents / CHUNK) * columns), columns);
  return errors.map((sum, c) => (2 / settings.batchRows) * sum - (encoder[c] ?? 0));
}

function stepDecoderBias({
  context: { settings, layout, views },
  gradient,
  clip,
  rate,
  correction,
}: {
  context: StepContext;
  gradient: Float64Array;
  clip: number;
  rate: number;
  correction: number;
}): void {
  const { beta1, beta2, epsilon } = settings;
  const { size } = layout.decoderBias;
  const bias = views.decoderBias;
  gradient.forEach((raw, c) => {
    const slope = raw * clip;
    const first = Math.fround((bias[size + c] ?? 0) * beta1 + slope * (1 - beta1));
    const second = Math.fround((bias[2 * size + c] ?? 0) * beta2 + slope * slope * (1 - beta2));
    bias[size + c] = first;
    bias[2 * size + c] = second;
    bias[c] = (bias[c] ?? 0) - (rate * first) / (Math.sqrt(second) * correction + epsilon);
  });
}

/** Mean squared distance of the batch's rows from their mean. */
function varianceOf({ settings, layout, views }: StepContext): number {
  const { batchRows } = settings;
  const sums = sumRows(
    views.floats(layout.rowSumsAt, Math.ceil(batchRows / CHUNK) * layout.columns),
    layout.columns,
  );
  const squaredMean = sums.reduce((total, sum) => total + (sum / batchRows) ** 2, 0);
  return meanOf(views.floats(layout.squaredNormAt, batchRows)) - squaredMean;
}

function sumRows(rows: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < rows.length; at += columns) {
    for (let c = 0; c < columns; c++) sums[c] = (sums[c] ?? 0) + (rows[at + c] ?? 0);
  }
  return sums;
}

function meanOf(values: Float32Array | Int32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function diverged(report: StepReport): CountersteerError {
  return new CountersteerError("TRAINING_DIVERGED", {
    what: `The loss of step ${report.step} is ${report.loss}.`,
    why: "Either a row of activations is not finite, or the steps are too large.",
    todo: "Go on from the last checkpoint with a smaller learning rate or with gradient clipping, or drop outlier rows.",
    facts: { ...report, loss: String(report.loss), auxLoss: String(report.auxLoss), fvu: String(report.fvu) },
  });
}

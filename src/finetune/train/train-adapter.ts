/**
 * The training loop: accumulates the packs of a batch, updates, measures validation examples, keeps the best weights and checkpoints.
 * Stopped at any moment and called again, it ends with the factors that it would have had: nothing depends on anything but the recipe, the
 * examples and the step.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openTrainingLog } from "../../activations/train/training-log.ts";
import { CountersteerError } from "../../errors.ts";
import type { LoraFactors } from "../types.ts";
import { batchAt, stepsPerEpoch } from "./batch-order.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { LoraTrainer } from "./lora-trainer.ts";
import { measureValidation } from "./measure-validation.ts";
import { type Pace, paceOf } from "./pace.ts";
import { packRows } from "./pack-rows.ts";
import { endOf, enterValidation, type Position, startPosition, type Validation } from "./position.ts";
import type { Recipe } from "./recipe.ts";
import { learningRateAt } from "./schedule.ts";
import type { Steer } from "./steer-examples.ts";
import { steered } from "./steer-examples.ts";
import type { TrainingExample } from "./training-example.ts";

export interface TrainProgress {
  step: number;
  totalSteps: number;
  /** Mean loss of the step's batch. */
  loss: number;
  validation: Validation | null;
  learningRate: number;
  tokensPerSecond: number;
  secondsLeft: number;
}

export interface TrainAdapterOptions {
  recipe: Pick<Recipe, "train" | "validation">;
  train: readonly TrainingExample[];
  validation: readonly TrainingExample[];
  /** null where nothing is steered. */
  steer: Steer | null;
  trainer: LoraTrainer;
  /** Folder of the training: the log and the checkpoints are in it. */
  dir: string;
  /** Names recipe and data: a checkpoint of another training is refused. */
  fingerprint: string;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Milliseconds. @default performance.now */
  now?: () => number;
}

export interface TrainedAdapter {
  finished: "end" | "early" | "aborted";
  /** Of the best measurement, or of the last step, as the recipe says. */
  factors: LoraFactors[];
  /** Step that the factors are of. */
  step: number;
  position: Position;
  totalSteps: number;
  /** Of this session. */
  seconds: number;
  tokensPerSecond: number;
}

/** Packs of a step are numbered within it for dropout. */
const MOST_PACKS = 4096;

function totalSteps({ train }: Pick<Recipe, "train">, examples: number): number {
  const { epochs, steps, batch } = train;
  const whole = Math.max(1, Math.round(epochs * stepsPerEpoch({ examples, batch })));
  return Math.min(whole, steps ?? whole);
}

/** After an abort everything is in the checkpoint. Throws FINETUNE_DIVERGED, STORE_CORRUPT, RUNS_UNEQUAL, DISK_FULL, and what the trainer throws. */
export async function trainAdapter(options: TrainAdapterOptions): Promise<TrainedAdapter> {
  const {
    recipe,
    train,
    trainer,
    dir,
    fingerprint,
    signal,
    onProgress,
    now = () => performance.now(),
  } = options;
  const { patience, every, keep } = recipe.validation;
  const folder = join(dir, "checkpoints");
  await mkdir(dir, { recursive: true });
  const checkpoint = await readCheckpoint({ folder, fingerprint });
  const position = checkpoint?.position ?? startPosition();
  let best = checkpoint?.best ?? null;
  if (checkpoint !== null) trainer.restore(checkpoint.state);
  using log = await openTrainingLog({
    file: join(dir, "train-log.jsonl"),
    steps: checkpoint === null ? -1 : position.step,
  });
  const total = totalSteps(recipe, train.length);
  const pace = paceOf({ now });
  const save = () => {
    const state = trainer.state();
    return writeCheckpoint({ folder, fingerprint, checkpoint: { position, state, best } });
  };
  const measure = async () => {
    const validation = await measureValidation({ ...options, step: position.step });
    if (validation === null) return;
    log.write({ event: "validation", ...validation });
    if (enterValidation({ position, validation }) && keep === "best") best = copied(trainer.factors());
  };
  if (position.step === 0 && position.validations.length === 0) await pace.measuring(measure);
  let ended = endOf({ position, totalSteps: total, patience });
  while (ended === null && signal?.aborted !== true) {
    const report = await trainStep({ ...options, position, total, pace });
    if (report === null) break;
    log.write({ event: "step", ...report });
    if (position.step % every === 0 || position.step === total) await pace.measuring(measure);
    ended = endOf({ position, totalSteps: total, patience });
    if (ended !== null || position.step % recipe.train.checkpointEvery === 0) await save();
    onProgress?.({
      ...report,
      totalSteps: total,
      validation: position.validations.at(-1) ?? null,
      tokensPerSecond: pace.tokensPerSecond(),
      secondsLeft: pace.secondsFor({
        steps: total - position.step,
        measurements: Math.ceil((total - position.step) / every),
      }),
    });
  }
  if (ended === null) await save();
  return {
    finished: ended ?? "aborted",
    factors: best ?? trainer.factors(),
    step: best === null ? position.step : (position.best ?? position.step),
    position,
    totalSteps: total,
    seconds: pace.seconds(),
    tokensPerSecond: pace.tokensPerSecond(),
  };
}

interface StepReport {
  /** From 1. */
  step: number;
  epoch: number;
  loss: number;
  targets: number;
  rows: number;
  learningRate: number;
  /** Of the gradient before clipping. */
  norm: number;
}

/** null if it was stopped before the update: nothing has changed then. */
async function trainStep({
  recipe,
  train,
  steer,
  trainer,
  signal,
  position,
  total,
  pace,
}: TrainAdapterOptions & { position: Position; total: number; pace: Pace }): Promise<StepReport | null> {
  const { batch, seed, maxRows, learningRate: peak, warmUpSteps, maxNorm, ...adam } = recipe.train;
  const { step } = position;
  const { epoch, indices } = batchAt({ examples: train.length, batch, seed, step });
  const examples = indices.flatMap((index) => {
    const example = train[index];
    return example === undefined ? [] : [steered({ steer, example, index, epoch })];
  });
  const packs = packRows({ examples, maxRows, ...(steer === null ? {} : { layer: steer.layer }) });
  const learningRate = learningRateAt({ learningRate: peak, warmUpSteps, totalSteps: total, step });
  let loss = 0;
  let targets = 0;
  let rows = 0;
  for (const [i, pack] of packs.entries()) {
    if (signal?.aborted === true) return null;
    const sum = await pace.training(pack.tokens.length, () =>
      trainer.accumulate(pack, { dropoutKey: step * MOST_PACKS + i }),
    );
    loss += sum.loss;
    targets += sum.targets;
    rows += pack.tokens.length;
  }
  const mean = loss / targets;
  if (!Number.isFinite(mean)) throw diverged({ step: step + 1, loss: mean, learningRate });
  const { weightDecay, beta1, beta2, epsilon } = adam;
  const { norm } = await pace.training(0, async () =>
    trainer.update({
      learningRate,
      maxNorm: maxNorm ?? Number.POSITIVE_INFINITY,
      weightDecay,
      beta1,
      beta2,
      epsilon,
      targets,
    }),
  );
  position.step += 1;
  position.losses.push(mean);
  position.rows += rows;
  position.targets += targets;
  return { step: position.step, epoch, loss: mean, targets, rows, learningRate, norm };
}

/** The trainer may give its own memory, which the next step changes. */
function copied(factors: readonly LoraFactors[]): LoraFactors[] {
  return factors.map(({ layer, matrix, a, b }) => ({ layer, matrix, a: a.slice(), b: b.slice() }));
}

function diverged({
  step,
  loss,
  learningRate,
}: {
  step: number;
  loss: number;
  learningRate: number;
}): CountersteerError {
  return new CountersteerError("FINETUNE_DIVERGED", {
    what: `The loss of step ${step} is ${loss}.`,
    why: "The steps are too large, or what is added to the residual stream is.",
    todo: "Train again with a smaller learning rate, a longer warm-up or weaker steering, in another folder; the last checkpoint is as it was.",
    facts: { step, loss: String(loss), learningRate },
  });
}

/**
 * Cell `lora-training`: tokens a second of LoRA training, ours against Hugging Face PEFT, with the same first factors, examples, batches and
 * optimiser; and the loss at the end of a longer run of both (group `loss`).
 */
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readBaseModel } from "../src/finetune/adapter/base-model.ts";
import { writePeft } from "../src/finetune/adapter/write-peft.ts";
import { openLoraTrainer } from "../src/finetune/lora/open-lora-trainer.ts";
import type { LoraTrainer, TrainerState } from "../src/finetune/train/lora-trainer.ts";
import { packRows, rowsOf } from "../src/finetune/train/pack-rows.ts";
import { learningRateAt } from "../src/finetune/train/schedule.ts";
import { type LoraShape, MATRIX_NAMES, type TokenisedExample } from "../src/finetune/types.ts";
import { cacheDir } from "../src/model/cache-dir.ts";
import { readGgufInfo } from "../src/model/gguf-info.ts";
import { resolveModel } from "../src/model/resolve-model.ts";
import type { Cell } from "./cell.ts";
import { interleave, type Sample } from "./interleave.ts";
import { loraBatches } from "./lora-examples.ts";
import { PYTHON, requirePeers } from "./peers/environment.ts";
import { JsonPeer } from "./peers/json-peer.ts";
import type { BenchRun } from "./result.ts";
import { CACHE } from "./training-rows.ts";
import { LORA_VARIANTS } from "./variant-names.ts";

const SCRIPT = fileURLToPath(new URL("./peers/lora_train.py", import.meta.url));
const MODEL = "smollm2-135m";
const FULL = {
  speed: { steps: 2, batch: 8, lengths: [200, 250] as const },
  repetitions: 3,
  loss: { steps: 60, batch: 4, lengths: [60, 90] as const },
};
const SMOKE = {
  speed: { steps: 1, batch: 2, lengths: [30, 40] as const },
  repetitions: 1,
  loss: { steps: 2, batch: 2, lengths: [30, 40] as const },
};
const RANK = 16;
const ALPHA = 32;
const MAX_ROWS = 2048;
/** As the recipe's defaults. */
const OPTIMIZER = { maxNorm: 1, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const LEARNING_RATE = 4e-4;
const WARM_UP_STEPS = 10;
/** Steps that a final loss is the mean of. */
const LAST_STEPS = 10;

const trainedSchema = z.object({ ok: z.literal(true), seconds: z.number(), losses: z.array(z.number()) });

type Batches = TokenisedExample[][];
interface Trained {
  seconds: number;
  /** One a step, in nats a target. */
  losses: number[];
}
type Train = (batches: Batches) => Promise<Trained>;

export const measureLoraTraining: Cell = async ({ smoke, log }) => {
  const plan = smoke ? SMOKE : FULL;
  const { versions } = requirePeers();
  const threads = os.availableParallelism();
  const model = (await resolveModel({ model: MODEL, cacheDir: cacheDir() })).path;
  const [speedBatches = [], lossBatches = []] = await loraBatches({ model, plans: [plan.speed, plan.loss] });
  const { layers } = await readGgufInfo({ path: model });
  const shape: LoraShape = {
    rank: RANK,
    alpha: ALPHA,
    dropout: 0,
    matrices: MATRIX_NAMES,
    layers: [...Array(layers).keys()],
  };
  const trainer = await openLoraTrainer({ model, shape, seed: 1, maxRows: MAX_ROWS, threads });
  const peer = new JsonPeer({ python: PYTHON, script: SCRIPT });
  try {
    const factors = await writeFirstFactors({ model, trainer, shape });
    await peer.ask(
      { op: "load", gguf: model, threads, rank: RANK, alpha: ALPHA, factors },
      z.object({ ok: z.literal(true), parameters: z.literal(trainer.parameters) }),
    );
    const first = trainer.state();
    const ours: Train = (batches) => trainOurs({ trainer, first, batches });
    const theirs =
      (precision: "autocast" | "bf16"): Train =>
      (batches) =>
        peer.ask({ op: "train", precision, ...requestOf(batches) }, trainedSchema);
    const variants: { name: string; train: Train }[] = [
      { name: LORA_VARIANTS.ours, train: ours },
      { name: LORA_VARIANTS.autocast, train: theirs("autocast") },
      { name: LORA_VARIANTS.bf16, train: theirs("bf16") },
    ];
    const speeds = await interleave({
      group: "speed",
      rows: plan.speed.batch,
      newTokens: plan.speed.steps,
      warmUpTokens: 1,
      repetitions: plan.repetitions,
      variants: variants.map(({ name, train }) => ({
        name,
        run: async ({ newTokens }) =>
          (await sampleOf({ train, batches: speedBatches.slice(0, newTokens) })).sample,
      })),
      log,
    });
    const losses: BenchRun[] = [];
    const curves: Record<string, string> = {};
    for (const { name, train } of variants) {
      const { curve, sample } = await sampleOf({ train, batches: lossBatches });
      losses.push({ group: "loss", rows: plan.loss.batch, variant: name, repetition: 0, ...sample });
      curves[`losses ${name}`] = curve.map((loss) => loss.toFixed(4)).join(" ");
      log(`loss of the last steps, ${name}: ${sample.loss?.toFixed(4)}`);
    }
    return {
      libraries: versions,
      settings: {
        model: MODEL,
        rank: RANK,
        alpha: ALPHA,
        parameters: trainer.parameters,
        threads,
        steps: plan.speed.steps,
        repetitions: plan.repetitions,
        lengths: plan.speed.lengths.join("-"),
        lossSteps: plan.loss.steps,
        lossLengths: plan.loss.lengths.join("-"),
        lastSteps: LAST_STEPS,
        learningRate: LEARNING_RATE,
        ...curves,
      },
      runs: [...speeds, ...losses],
    };
  } finally {
    await peer.close();
    await trainer.close();
  }
};

/** Both sides begin from what ours drew. */
async function writeFirstFactors({
  model,
  trainer,
  shape,
}: {
  model: string;
  trainer: LoraTrainer;
  shape: LoraShape;
}): Promise<string> {
  const dir = path.join(CACHE, "lora-first");
  const base = await readBaseModel({ path: model });
  await writePeft({ dir, factors: trainer.factors(), shape, baseModel: MODEL, model: base });
  return path.join(dir, "adapter_model.safetensors");
}

async function sampleOf({
  train,
  batches,
}: {
  train: Train;
  batches: Batches;
}): Promise<{ sample: Sample; curve: number[] }> {
  const { seconds, losses } = await train(batches);
  const tokens = batches.flat().reduce((sum, example) => sum + rowsOf(example), 0);
  const last = losses.slice(-LAST_STEPS);
  const loss = last.reduce((sum, each) => sum + each, 0) / last.length;
  return { sample: { tokens, seconds, rowsEdited: 0, loss }, curve: losses };
}

function ratesOf(batches: Batches): number[] {
  const schedule = { learningRate: LEARNING_RATE, warmUpSteps: WARM_UP_STEPS, totalSteps: batches.length };
  return batches.map((_, step) => learningRateAt({ ...schedule, step }));
}

function requestOf(batches: Batches) {
  const plain = ({ tokens, trained }: TokenisedExample) => ({ tokens: [...tokens], trained: [...trained] });
  return {
    learningRates: ratesOf(batches),
    optimizer: OPTIMIZER,
    steps: batches.map((examples) => examples.map(plain)),
  };
}

async function trainOurs({
  trainer,
  first,
  batches,
}: {
  trainer: LoraTrainer;
  first: TrainerState;
  batches: Batches;
}): Promise<Trained> {
  trainer.restore(first);
  const losses: number[] = [];
  const rates = ratesOf(batches);
  const began = performance.now();
  for (const [step, examples] of batches.entries()) {
    const packs = packRows({
      examples: examples.map((each) => ({ ...each, addition: null })),
      maxRows: MAX_ROWS,
    });
    const sum = { loss: 0, targets: 0 };
    for (const pack of packs) {
      const { loss, targets } = await trainer.accumulate(pack, { dropoutKey: step });
      sum.loss += loss;
      sum.targets += targets;
    }
    trainer.update({ ...OPTIMIZER, learningRate: rates[step] ?? 0, targets: sum.targets });
    losses.push(sum.loss / sum.targets);
  }
  return { seconds: (performance.now() - began) / 1000, losses };
}

/**
 * Cell `sae-training`: rows a second of TopK training on cached float32 activations, at the default dictionary's size: ours, a plain
 * PyTorch loop, and SAELens' own trainer; same rows in the same order, same first weights, same number of threads. `fvu` is the
 * fraction of variance unexplained on held-out rows at the end; ours is computed by SAELens from the folder that we wrote.
 */
import { rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { openDenseProduct } from "../src/engine/llama/dense-product.ts";
import { encodeRows } from "../src/sae/encode.ts";
import { openSaelens } from "../src/sae/saelens.ts";
import type { ActivationSource } from "../src/sae/train/activation-source.ts";
import { meanRow } from "../src/sae/train/centre.ts";
import { normalStream } from "../src/sae/train/random.ts";
import { readTrainSettings, type TrainSettings } from "../src/sae/train/settings.ts";
import { openTrainer } from "../src/sae/train/trainer.ts";
import type { InitialWeights } from "../src/sae/train/trainer-types.ts";
import { writeTrained } from "../src/sae/train/write-trained.ts";
import { writeSafetensors } from "../src/sae/write-safetensors.ts";
import type { Cell } from "./cell.ts";
import { interleave, type Sample, type Variant } from "./interleave.ts";
import { JsonPeer } from "./peers/json-peer.ts";
import { SAELENS_PYTHON, saelensVersions } from "./peers/saelens-environment.ts";
import type { BenchRun } from "./result.ts";
import { CACHE, ROWS_LAYER, ROWS_MODEL, type TrainingRows, trainingRows } from "./training-rows.ts";
import { TRAINING_VARIANTS } from "./variant-names.ts";

const SCRIPT = fileURLToPath(new URL("./peers/sae_train.py", import.meta.url));
const FULL = {
  sizes: [8192],
  batchRows: 4096,
  batches: 20,
  steps: 20,
  warmUpSteps: 2,
  heldOut: 8192,
  repetitions: 3,
};
const SMOKE = {
  sizes: [512],
  batchRows: 256,
  batches: 4,
  steps: 8,
  warmUpSteps: 1,
  heldOut: 512,
  repetitions: 1,
};
const K = 32;
/** Rows that are encoded by both sides for the check of the written folder. */
const CHECKED_ROWS = 64;

const trainedSchema = z.object({ ok: z.literal(true), seconds: z.number(), fvu: z.number() });
const checkedSchema = z.object({
  ok: z.literal(true),
  fvu: z.number(),
  l0: z.number(),
  largestActivation: z.number(),
  largestDifference: z.number(),
});

export const measureSaeTraining: Cell = async ({ smoke, log }) => {
  const plan = smoke ? SMOKE : FULL;
  const versions = saelensVersions();
  const threads = os.availableParallelism();
  const rows = await trainingRows({ train: plan.batches * plan.batchRows, heldOut: plan.heldOut, log });
  const runs: BenchRun[] = [];
  const settings: Record<string, string | number> = {
    model: ROWS_MODEL,
    layer: ROWS_LAYER,
    dModel: rows.dModel,
    k: K,
    threads,
    rows: rows.rows.length / rows.dModel,
    ...plan,
    sizes: plan.sizes.join(", "),
  };
  for (const latents of plan.sizes) {
    const measured = await measureSize({ latents, rows, plan, threads, log });
    runs.push(...measured.runs);
    settings[`checkedActivation ${latents}`] = measured.largestActivation;
    settings[`checkedDifference ${latents}`] = measured.largestDifference;
  }
  return { libraries: versions, settings, runs };
};

interface SizeOptions {
  latents: number;
  rows: TrainingRows;
  plan: typeof FULL;
  threads: number;
  log: (line: string) => void;
}

interface SizeResult {
  runs: BenchRun[];
  /** Largest activation of the checked rows, and largest difference between SAELens and us. */
  largestActivation: number;
  largestDifference: number;
}

async function measureSize({ latents, rows, plan, threads, log }: SizeOptions): Promise<SizeResult> {
  const { batchRows, steps, warmUpSteps, repetitions } = plan;
  const initial = firstWeights({ latents, rows, batchRows });
  const weightsFile = path.join(CACHE, `sae-first-${latents}.safetensors`);
  await writeInitial({ path: weightsFile, initial, latents, dModel: rows.dModel });
  const peer = new JsonPeer({ python: SAELENS_PYTHON, script: SCRIPT });
  const checks: z.infer<typeof checkedSchema>[] = [];
  try {
    const files = [rows.file, weightsFile];
    await peer.ask({ op: "load", files, threads }, z.object({ ok: z.literal(true) }));
    const ours = async (options: { newTokens: number; seed: number }): Promise<Sample> => {
      const settings = settingsOf({ latents, batchRows, steps: options.newTokens });
      const { sample, check } = await trainOurs({ settings, initial, rows, threads, peer });
      checks.push(check);
      return sample;
    };
    const theirs = (op: "torch" | "saelens") => async (options: { newTokens: number }) => {
      const settings = settingsOf({ latents, batchRows, steps: options.newTokens });
      const { seconds, fvu } = await peer.ask({ op, settings }, trainedSchema);
      return { tokens: settings.totalRows, seconds, fvu, rowsEdited: 0 };
    };
    const variants: Variant[] = [
      { name: TRAINING_VARIANTS.ours, run: ours },
      { name: TRAINING_VARIANTS.torch, run: theirs("torch") },
      { name: TRAINING_VARIANTS.saelens, run: theirs("saelens") },
    ];
    const runs = await interleave({
      group: `${latents} latents`,
      rows: batchRows,
      newTokens: steps,
      warmUpTokens: warmUpSteps,
      repetitions,
      variants,
      log,
    });
    for (const { variant, fvu } of runs) log(`${latents} latents, ${variant}: FVU ${fvu?.toFixed(4)}`);
    return {
      runs,
      largestActivation: Math.max(...checks.map((check) => check.largestActivation)),
      largestDifference: Math.max(...checks.map((check) => check.largestDifference)),
    };
  } finally {
    await peer.close();
  }
}

/** What all sides train with. */
function settingsOf(options: { latents: number; batchRows: number; steps: number }): TrainSettings {
  const { latents, batchRows, steps } = options;
  return readTrainSettings({
    latents,
    k: K,
    batchRows,
    totalRows: batchRows * steps,
    learningRate: 1e-3,
    warmUpSteps: 8,
    deadAfterRows: batchRows * 16,
  });
}

/** Tied unit directions, and the mean of the first batch. */
function firstWeights({
  latents,
  rows: { rows, dModel },
  batchRows,
}: {
  latents: number;
  rows: TrainingRows;
  batchRows: number;
}): InitialWeights {
  const normal = normalStream({ seed: 1 });
  const directions = new Float32Array(latents * dModel);
  for (let latent = 0; latent < latents; latent++) {
    const direction = Float64Array.from({ length: dModel }, normal);
    const norm = Math.hypot(...direction);
    directions.set(
      direction.map((value) => value / norm),
      latent * dModel,
    );
  }
  return {
    encoder: directions,
    decoder: directions,
    encoderBias: new Float32Array(latents),
    decoderBias: Float32Array.from(meanRow({ rows: rows.subarray(0, batchRows * dModel), dModel })),
  };
}

function writeInitial(options: {
  path: string;
  initial: InitialWeights;
  latents: number;
  dModel: number;
}): Promise<void> {
  const { initial, latents, dModel } = options;
  return writeSafetensors({
    path: options.path,
    tensors: {
      encoder: { shape: [latents, dModel], data: initial.encoder },
      decoder: { shape: [latents, dModel], data: initial.decoder },
      encoderBias: { shape: [latents], data: initial.encoderBias },
      decoderBias: { shape: [dModel], data: initial.decoderBias },
    },
  });
}

/** Rows in order, over and over. */
function cycle({ rows, dModel }: TrainingRows): ActivationSource {
  let at = 0;
  return {
    dModel,
    async next({ max }) {
      const taken = rows.slice(at * dModel, (at + max) * dModel);
      at = (at + taken.length / dModel) % (rows.length / dModel);
      return taken;
    },
    position: () => at,
    async close() {},
  };
}

interface OurOptions {
  settings: TrainSettings;
  initial: InitialWeights;
  rows: TrainingRows;
  threads: number;
  peer: JsonPeer;
}

async function trainOurs(
  options: OurOptions,
): Promise<{ sample: Sample; check: z.infer<typeof checkedSchema> }> {
  const { settings, initial, rows, threads, peer } = options;
  const source = cycle(rows);
  const trainer = await openTrainer({
    settings,
    source,
    initial,
    product: openDenseProduct,
    workers: threads,
  });
  const folder = path.join(CACHE, "sae-trained");
  const expected = path.join(CACHE, "sae-expected.safetensors");
  try {
    const began = performance.now();
    await trainer.run();
    const seconds = (performance.now() - began) / 1000;
    const origin = { modelName: ROWS_MODEL, layer: ROWS_LAYER };
    await writeTrained({ folder, weights: trainer.weights(), settings, origin });
    await writeExpected({ path: expected, folder, rows });
    const check = await peer.ask({ op: "check", folder, expected }, checkedSchema);
    return { sample: { tokens: settings.totalRows, seconds, fvu: check.fvu, rowsEdited: 0 }, check };
  } finally {
    await trainer.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(expected, { force: true });
  }
}

/** Our own activations of some held-out rows, by the written folder. */
async function writeExpected(options: { path: string; folder: string; rows: TrainingRows }): Promise<void> {
  const { heldOut, dModel } = options.rows;
  const rows = heldOut.slice(0, CHECKED_ROWS * dModel);
  const dictionary = openSaelens({ path: options.folder });
  try {
    const { latents } = dictionary;
    const acts = encodeRows({ dictionary, rows });
    await writeSafetensors({
      path: options.path,
      tensors: {
        rows: { shape: [CHECKED_ROWS, dModel], data: rows },
        acts: { shape: [CHECKED_ROWS, latents], data: acts },
      },
    });
  } finally {
    dictionary.close();
  }
}

/** Checkpoints of a fine-tuning: one safetensors file each, whole or absent; the two newest are kept. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";
import { openSafetensors } from "../../sae/safetensors.ts";
import { writeSafetensors } from "../../sae/write-safetensors.ts";
import { type LoraFactors, MATRIX_NAMES } from "../types.ts";
import type { TrainerState } from "./lora-trainer.ts";
import { type Position, positionSchema } from "./position.ts";

const KEPT = 2;
const NAME = /^checkpoint-(\d{8})\.safetensors$/;
const STATE = "state.";
const BEST = /^best\.blk\.(\d+)\.(\w+)\.([ab])$/;

const metadataSchema = z.strictObject({
  /** Of recipe and data. */
  fingerprint: z.string(),
  position: positionSchema,
  trainerStep: z.number(),
});

export interface Checkpoint {
  position: Position;
  state: TrainerState;
  /** Weights of the best measurement; null before the first. */
  best: LoraFactors[] | null;
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => NAME.test(name)).sort();
}

/** Writes a checkpoint and removes all but the two newest. Throws DISK_FULL. */
export async function writeCheckpoint({
  folder,
  fingerprint,
  checkpoint: { position, state, best },
}: {
  folder: string;
  fingerprint: string;
  checkpoint: Checkpoint;
}): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = [
    ...Object.entries(state.tensors).map(([name, data]) => [`${STATE}${name}`, data] as const),
    ...(best ?? []).flatMap(({ layer, matrix, a, b }) => [
      [`best.blk.${layer}.${matrix}.a`, a] as const,
      [`best.blk.${layer}.${matrix}.b`, b] as const,
    ]),
  ];
  const metadata: z.infer<typeof metadataSchema> = { fingerprint, position, trainerStep: state.step };
  await writeSafetensors({
    path: join(folder, `checkpoint-${String(position.step).padStart(8, "0")}.safetensors`),
    tensors: Object.fromEntries(entries.map(([name, data]) => [name, { shape: [data.length], data }])),
    metadata: { state: JSON.stringify(metadata) },
  });
  for (const name of (await namesIn(folder)).slice(0, -KEPT)) await rm(join(folder, name), { force: true });
}

/** The newest checkpoint of a folder; null without one. Throws STORE_CORRUPT for a damaged one, RUNS_UNEQUAL for one of another training. */
export async function readCheckpoint({
  folder,
  fingerprint,
}: {
  folder: string;
  fingerprint: string;
}): Promise<Checkpoint | null> {
  const name = (await namesIn(folder)).at(-1);
  if (name === undefined) return null;
  const path = join(folder, name);
  let read: Checkpoint & { fingerprint: string };
  try {
    read = readFile(path);
  } catch (cause) {
    throw new CountersteerError("STORE_CORRUPT", {
      what: `${path} is no usable checkpoint.`,
      why: `${messageOf(cause)}.`,
      todo: "Remove it to go on from the one before, or choose another folder to begin again.",
      facts: { path },
      cause,
    });
  }
  const { fingerprint: own, ...checkpoint } = read;
  if (own === fingerprint) return checkpoint;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: `${path} belongs to another training.`,
    why: "It was written by another recipe, or on other data.",
    todo: "Give the settings and the data with which it was begun, or another folder.",
    facts: { path },
  });
}

function readFile(path: string): Checkpoint & { fingerprint: string } {
  const file = openSafetensors({ path });
  try {
    const value: unknown = JSON.parse(file.metadata.state ?? "null");
    const { fingerprint, position, trainerStep } = metadataSchema.parse(value);
    const names = [...file.tensors.keys()];
    const tensors = names
      .filter((name) => name.startsWith(STATE))
      .map((name) => [name.slice(STATE.length), file.readTensor(name)] as const);
    const best = bestFactors({ names, read: (name) => file.readTensor(name) });
    return {
      fingerprint,
      position,
      state: { step: trainerStep, tensors: Object.fromEntries(tensors) },
      best,
    };
  } finally {
    file.close();
  }
}

function bestFactors({
  names,
  read,
}: {
  names: readonly string[];
  read: (name: string) => Float32Array;
}): LoraFactors[] | null {
  const factors = names.flatMap((name) => {
    const [, layer, given, side] = BEST.exec(name) ?? [];
    const matrix = MATRIX_NAMES.find((each) => each === given);
    if (matrix === undefined || side !== "a") return [];
    return [{ layer: Number(layer), matrix, a: read(name), b: read(name.replace(/a$/, "b")) }];
  });
  return factors.length === 0 ? null : factors;
}

/** Checkpoints: one safetensors file each, whole or absent; the two newest are kept. */
import { createHash } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import { openSafetensors } from "../safetensors.ts";
import { writeSafetensors } from "../write-safetensors.ts";
import type { Layout } from "./layout.ts";
import type { TrainSettings } from "./settings.ts";
import type { Progress } from "./step.ts";
import type { Views } from "./views.ts";

const KEPT = 2;
const NAME = /^checkpoint-(\d{8})\.safetensors$/;

const stateSchema = z.strictObject({
  settings: z.string(),
  dModel: z.number(),
  progress: z.strictObject({ step: z.number(), scale: z.number(), threshold: z.number(), floor: z.number() }),
  position: z.unknown(),
});
type State = z.infer<typeof stateSchema>;

/** Settings by which two runs are the same. */
function fingerprint(settings: TrainSettings): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex");
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => NAME.test(name)).sort();
}

function corrupt(path: string, why: string, cause?: unknown): CountersteerError {
  return new CountersteerError("STORE_CORRUPT", {
    what: `${path} is no usable checkpoint.`,
    why,
    todo: "Remove it to go on from the one before, or choose another folder to begin again.",
    facts: { path },
    cause,
  });
}

function readState(path: string): State {
  const file = openSafetensors({ path });
  try {
    const parsed = stateSchema.safeParse(JSON.parse(file.metadata.state ?? "null"));
    if (!parsed.success) throw corrupt(path, `${z.prettifyError(parsed.error)}.`, parsed.error);
    return parsed.data;
  } finally {
    file.close();
  }
}

export interface CheckpointFacts {
  path: string;
  /** Steps done. */
  step: number;
  /** What the source's `position()` said. */
  position: unknown;
}

/** The newest checkpoint of a folder, null without one. Open the source at its position, then the trainer. Throws STORE_CORRUPT. */
export async function findCheckpoint({ folder }: { folder: string }): Promise<CheckpointFacts | null> {
  const name = (await namesIn(folder)).at(-1);
  if (name === undefined) return null;
  const path = join(folder, name);
  const { progress, position } = readState(path);
  return { path, step: progress.step, position };
}

interface Parts {
  layout: Layout;
  settings: TrainSettings;
}

/** Puts a checkpoint's state back into memory. Throws STORE_CORRUPT, or CONFIG_INVALID for one of other settings. */
export function readCheckpoint({
  path,
  layout,
  settings,
  views,
}: Parts & { path: string; views: Views }): Progress {
  const state = readState(path);
  if (state.settings !== fingerprint(settings) || state.dModel !== layout.dModel) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${path} belongs to a training with other settings.`,
      why: "Going on with different settings would be another training than either.",
      todo: "Use the settings it was begun with, or another folder.",
      facts: { path },
    });
  }
  const file = openSafetensors({ path });
  try {
    const floats = file.readTensor("state");
    const lastActive = file.readInt32("last_active");
    const target = views.floats(0, layout.lastActiveAt / 4);
    if (floats.length !== target.length || lastActive.length !== views.lastActive.length) {
      throw corrupt(path, "Its tensors don't have the sizes of the settings.");
    }
    target.set(floats);
    views.lastActive.set(lastActive);
  } finally {
    file.close();
  }
  return state.progress;
}

/** Writes a checkpoint and removes all but the two newest. Throws DISK_FULL. */
export async function writeCheckpoint({
  folder,
  layout,
  settings,
  views,
  progress,
  position,
}: Parts & { folder: string; views: Views; progress: Progress; position: unknown }): Promise<void> {
  await mkdir(folder, { recursive: true });
  const state: State = { settings: fingerprint(settings), dModel: layout.dModel, progress, position };
  const floats = views.floats(0, layout.lastActiveAt / 4);
  await writeSafetensors({
    path: join(folder, `checkpoint-${String(progress.step).padStart(8, "0")}.safetensors`),
    tensors: {
      state: { shape: [floats.length], data: floats },
      last_active: { shape: [views.lastActive.length], data: views.lastActive },
    },
    metadata: { state: JSON.stringify(state) },
  });
  for (const name of (await namesIn(folder)).slice(0, -KEPT)) await rm(join(folder, name), { force: true });
}

/**
 * The weight modes (DESIGN.md 5). `exact` computes as PyTorch does, in float32; `as-is` takes the file as it is; `fast` takes the type that
 * is fastest on this CPU. Requantised copies are made once, in the cache, and named by the hash of the file they come from.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { temporaryBeside } from "../../model/temporary-file.ts";
import type { WeightMode } from "../engine.ts";
import { FTYPE } from "./bindings.ts";
import { runOnce } from "./host-process.ts";

export type FastType = "q4_0" | "q8_0" | "bf16";

export interface PrepareOptions {
  path: string;
  fileHash: string;
  /** Dominant weight type of the file. */
  weightType: string;
  mode: WeightMode;
  fastType: FastType;
  cacheDir: string;
  threads: number;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
}

export interface PreparedWeights {
  path: string;
  weightType: string;
}

/** The file to load for a mode. Throws MODEL_UNREADABLE when requantising fails. */
export async function prepareWeights(options: PrepareOptions): Promise<PreparedWeights> {
  const { path: from, fileHash, weightType, mode, fastType, cacheDir, threads, now = Date.now } = options;
  const wanted = mode === "exact" ? "f32" : mode === "fast" ? fastType : weightType;
  if (wanted === weightType || !(wanted in FTYPE)) {
    return { path: from, weightType };
  }
  const folder = path.join(cacheDir, "weights");
  const target = path.join(folder, `${fileHash.slice(0, 16)}.${wanted}.gguf`);
  if (!existsSync(target)) {
    await mkdir(folder, { recursive: true });
    await removeAbandoned({ folder, target, now });
    // a copy of its own for each process: whoever renames last wins, and both copies are equal
    const partial = temporaryBeside(target);
    try {
      const ftype = FTYPE[wanted as keyof typeof FTYPE]; // `wanted in FTYPE` was checked above
      await runOnce({
        message: { type: "quantize", from, to: partial, ftype, threads },
        pick: (answer) => (answer.type === "quantized" ? true : undefined),
      });
      await rename(partial, target);
    } finally {
      await rm(partial, { force: true });
    }
  }
  return { path: target, weightType: wanted };
}

/** Float kernels compute a lone row by another routine; quantised ones do not (PROTOTYPES.md). */
export function isFloatType(weightType: string): boolean {
  return ["f32", "f16", "bf16"].includes(weightType);
}

/** A copy that is being written changes more often than this. */
const ABANDONED_MS = 3_600_000;

/** Removes unfinished copies of other machines' processes that were killed: each is as large as the model. */
async function removeAbandoned({
  folder,
  target,
  now,
}: {
  folder: string;
  target: string;
  now: () => number;
}): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if (!file.startsWith(`${target}.`) || !file.endsWith(".tmp")) continue;
    // another process may have finished its copy meanwhile
    const written = (await stat(file).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (now() - written > ABANDONED_MS) await rm(file, { force: true });
  }
}

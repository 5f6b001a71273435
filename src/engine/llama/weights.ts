/**
 * The weight modes (DESIGN.md 5). `exact` computes as PyTorch does, in float32; `as-is` takes the file as it is; `fast` takes the type that
 * is fastest on this CPU. Requantised copies are made once, in the cache, and named by the hash of the file they come from.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
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
}

export interface PreparedWeights {
  path: string;
  weightType: string;
}

/** The file to load for a mode. Throws MODEL_UNREADABLE when requantising fails. */
export async function prepareWeights(options: PrepareOptions): Promise<PreparedWeights> {
  const { path: from, fileHash, weightType, mode, fastType, cacheDir, threads } = options;
  const wanted = mode === "exact" ? "f32" : mode === "fast" ? fastType : weightType;
  if (wanted === weightType || !(wanted in FTYPE)) {
    return { path: from, weightType };
  }
  const folder = path.join(cacheDir, "weights");
  const target = path.join(folder, `${fileHash.slice(0, 16)}.${wanted}.gguf`);
  if (!existsSync(target)) {
    await mkdir(folder, { recursive: true });
    // a copy of its own for each process: whoever renames last wins, and both copies are equal
    const partial = `${target}.${process.pid}.tmp`;
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

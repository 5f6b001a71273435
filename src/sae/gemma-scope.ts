/** Gemma Scope (Gemma 2): `params.npz` of a JumpReLU SAE, in a folder like `layer_16/width_16k/average_l0_78` (arXiv 2408.05147). */
import { resolve } from "node:path";
import type { Dictionary } from "./dictionary.ts";
import { gemmaDictionary } from "./gemma-dictionary.ts";
import { gemmaNames } from "./gemma-names.ts";
import { openNpz } from "./npz-file.ts";

/** @param path what was asked for @param weights the npz file. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function openGemmaScope({ path, weights }: { path: string; weights: string }): Dictionary {
  const names = gemmaNames({ path: resolve(weights) });
  return gemmaDictionary({
    path,
    format: "gemma-scope",
    file: openNpz({ path: resolve(weights) }),
    config: null,
    matrices: { encoder: "W_enc", decoder: "W_dec" },
    names,
  });
}

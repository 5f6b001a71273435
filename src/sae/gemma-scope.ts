/** Gemma Scope (Gemma 2): `params.npz` of a JumpReLU SAE, in a folder like `layer_16/width_16k/average_l0_78` (arXiv 2408.05147). */
import { resolve } from "node:path";
import { refuseOthers } from "./check-tensors.ts";
import type { Dictionary } from "./dictionary.ts";
import { gemmaNames } from "./gemma-names.ts";
import { jumpReluWeights } from "./jumprelu-tensors.ts";
import { openNpz } from "./npz-file.ts";
import { dtypeOf } from "./tensor-dtype.ts";
import { dictionaryOver } from "./weight-dictionary.ts";

const NAMES = ["W_enc", "W_dec", "b_enc", "b_dec", "threshold"];

/** @param path what was asked for @param weights the npz file. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function openGemmaScope({ path, weights }: { path: string; weights: string }): Dictionary {
  const names = gemmaNames({ path: resolve(weights) });
  const file = openNpz({ path: resolve(weights) });
  try {
    refuseOthers({ file, names: NAMES });
    const { dModel, latents, source } = jumpReluWeights({
      file,
      names: { encoder: "W_enc", decoder: "W_dec" },
    });
    return dictionaryOver({
      facts: {
        path: resolve(path),
        format: "gemma-scope",
        files: [file.path],
        architecture: "jumprelu",
        dtype: dtypeOf(file),
        folded: false,
        dModel,
        latents,
        k: null,
        ...names,
        applyBDecToInput: false,
      },
      source,
      close: () => file.close(),
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** What both Gemma Scopes have in common: a JumpReLU SAE of five tensors over a file of arrays. */
import { resolve } from "node:path";
import { refuseOthers } from "./check-tensors.ts";
import type { Dictionary, DictionaryFacts } from "./dictionary.ts";
import type { GemmaNames } from "./gemma-names.ts";
import { jumpReluWeights } from "./jumprelu-tensors.ts";
import type { TensorFile } from "./stored-tensor.ts";
import { dtypeOf } from "./tensor-dtype.ts";
import { dictionaryOver } from "./weight-dictionary.ts";

export interface GemmaDictionaryOptions {
  /** What was asked for. */
  path: string;
  format: DictionaryFacts["format"];
  /** Closed with the dictionary, or here if it is refused. */
  file: TensorFile;
  /** The configuration beside it, if there is one. */
  config: string | null;
  /** The two matrices; `b_enc`, `b_dec` and `threshold` are called the same in both. */
  matrices: { encoder: string; decoder: string };
  names: GemmaNames;
  /** Throws where the sizes are not those that the configuration says. */
  checkSize?: (size: { latents: number }) => void;
}

/** Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function gemmaDictionary({
  path,
  format,
  file,
  config,
  matrices,
  names,
  checkSize,
}: GemmaDictionaryOptions): Dictionary {
  try {
    refuseOthers({ file, names: [matrices.encoder, matrices.decoder, "b_enc", "b_dec", "threshold"] });
    const { dModel, latents, source } = jumpReluWeights({ file, names: matrices });
    checkSize?.({ latents });
    return dictionaryOver({
      facts: {
        path: resolve(path),
        format,
        files: config === null ? [file.path] : [config, file.path],
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

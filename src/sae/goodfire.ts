/** Goodfire's SAEs: a torch file of two linear layers around a ReLU, `f = ReLU(W_enc h + b_enc)` and `h_hat = W_dec f + b_dec` (METHOD.md 2). */
import { resolve } from "node:path";
import { checkShape, matrixSizes, refuseOthers, tensorOf } from "./check-tensors.ts";
import type { Dictionary } from "./dictionary.ts";
import { hookOfLayer, pathParts } from "./hook-name.ts";
import { dtypeOf } from "./tensor-dtype.ts";
import { openTorch } from "./torch-file.ts";
import { dictionaryOver } from "./weight-dictionary.ts";
import { storedWeights } from "./weight-source.ts";

const ENCODER = "encoder_linear.weight";
const DECODER = "decoder_linear.weight";
const B_ENC = "encoder_linear.bias";
const B_DEC = "decoder_linear.bias";
/** As in `Llama-3.3-70B-Instruct-SAE-l50`, a file or a repository. */
const NAME = /([\w.-]+?)-SAE-l(\d+)(?:\.pth?)?$/;

/** @param path what was asked for @param weights the torch file. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function openGoodfire({ path, weights }: { path: string; weights: string }): Dictionary {
  const [, model, number] =
    pathParts(resolve(weights))
      .map((part) => NAME.exec(part))
      .find((match) => match !== null) ?? [];
  const layer = number === undefined ? null : Number(number);
  const file = openTorch({ path: resolve(weights) });
  try {
    const [latents, dModel] = matrixSizes({ file, name: ENCODER });
    checkShape({ file, name: DECODER, expected: [dModel, latents], source: ENCODER });
    checkShape({ file, name: B_ENC, expected: [latents], source: ENCODER });
    checkShape({ file, name: B_DEC, expected: [dModel], source: ENCODER });
    refuseOthers({ file, names: [ENCODER, DECODER, B_ENC, B_DEC] });
    return dictionaryOver({
      facts: {
        path: resolve(path),
        format: "goodfire",
        files: [file.path],
        architecture: "standard",
        dtype: dtypeOf(file),
        folded: false,
        dModel,
        latents,
        k: null,
        layer,
        hookName: layer === null ? null : hookOfLayer(layer),
        // in the hub's own cache a repository's folder begins with its owner
        modelName: model?.replace(/^models--Goodfire--/, "") ?? null,
        applyBDecToInput: false,
      },
      source: storedWeights({
        decoderIsTransposed: true,
        tensors: {
          encoder: tensorOf({ file, name: ENCODER }),
          decoder: tensorOf({ file, name: DECODER }),
          bEnc: tensorOf({ file, name: B_ENC }),
          bDec: tensorOf({ file, name: B_DEC }),
        },
      }),
      close: () => file.close(),
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

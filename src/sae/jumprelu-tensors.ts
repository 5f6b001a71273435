/** The one set of tensors that both Gemma Scopes store: a JumpReLU SAE with its matrices as `[d_model, latents]` and `[latents, d_model]`. */
import { checkShape, matrixSizes, tensorOf } from "./check-tensors.ts";
import type { TensorFile } from "./stored-tensor.ts";
import { storedWeights, type WeightSource } from "./weight-source.ts";

export interface JumpReluNames {
  encoder: string;
  decoder: string;
}

/** Throws SAE_UNREADABLE for tensors that are missing or do not fit each other. */
export function jumpReluWeights({
  file,
  names: { encoder, decoder },
}: {
  file: TensorFile;
  names: JumpReluNames;
}): { dModel: number; latents: number; source: WeightSource } {
  const [dModel, latents] = matrixSizes({ file, name: encoder });
  const shapes: [string, number[]][] = [
    [decoder, [latents, dModel]],
    ["b_enc", [latents]],
    ["b_dec", [dModel]],
    ["threshold", [latents]],
  ];
  for (const [name, expected] of shapes) checkShape({ file, name, expected, source: encoder });
  const tensor = (name: string) => tensorOf({ file, name });
  const source = storedWeights({
    encoderIsTransposed: true,
    tensors: {
      encoder: tensor(encoder),
      decoder: tensor(decoder),
      bEnc: tensor("b_enc"),
      bDec: tensor("b_dec"),
      thresholds: tensor("threshold"),
    },
  });
  return { dModel, latents, source };
}

/** A trained dictionary as SAELens 6 reads it: `cfg.json` and `sae_weights.safetensors`. BatchTopK becomes JumpReLU, as SAELens saves it. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transposeInto } from "../transpose.ts";
import { writeSafetensors } from "../write-safetensors.ts";
import type { TrainSettings } from "./settings.ts";
import type { TrainedWeights } from "./trainer-types.ts";

export interface TrainedOrigin {
  modelName: string;
  /** Block whose output the rows are. */
  layer: number;
  /** Further facts for `metadata`, such as the rows trained on and the package version. */
  facts?: Record<string, unknown>;
}

/** Throws DISK_FULL. */
export async function writeTrained({
  folder,
  weights,
  settings,
  origin,
}: {
  folder: string;
  weights: TrainedWeights;
  settings: TrainSettings;
  origin: TrainedOrigin;
}): Promise<void> {
  const { dModel, latents, encoder, decoder, encoderBias, decoderBias, threshold } = weights;
  const transposed = new Float32Array(dModel * latents);
  transposeInto({
    source: encoder,
    rows: latents,
    columns: dModel,
    target: transposed,
    targetColumns: latents,
    at: 0,
  });
  await mkdir(folder, { recursive: true });
  await writeSafetensors({
    path: join(folder, "sae_weights.safetensors"),
    tensors: {
      W_enc: { shape: [dModel, latents], data: transposed },
      W_dec: { shape: [latents, dModel], data: decoder },
      b_enc: { shape: [latents], data: encoderBias },
      b_dec: { shape: [dModel], data: decoderBias },
      ...(threshold === null
        ? {}
        : { threshold: { shape: [latents], data: new Float32Array(latents).fill(threshold) } }),
    },
  });
  const config = {
    d_in: dModel,
    d_sae: latents,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: true,
    normalize_activations: "none",
    reshape_activations: "none",
    metadata: {
      model_name: origin.modelName,
      hook_name: `blocks.${origin.layer}.hook_resid_post`,
      training_architecture: settings.variant,
      training_settings: settings,
      ...origin.facts,
    },
    ...(threshold === null
      ? { architecture: "topk", k: settings.k, rescale_acts_by_decoder_norm: false }
      : { architecture: "jumprelu" }),
  };
  const path = join(folder, "cfg.json");
  await writeFile(`${path}.tmp`, `${JSON.stringify(config, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
}

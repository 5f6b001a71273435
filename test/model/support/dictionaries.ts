/** Writes small SAELens dictionaries for tests. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transposeInto } from "../../../src/sae/transpose.ts";
import { writeSafetensors } from "../../../src/sae/write-safetensors.ts";

/** A `standard` (ReLU) dictionary without decoder bias. Rows are `[latents, d_model]`, row-major. Returns its folder. */
export async function writeStandard({
  folder,
  encoder,
  bias,
  decoder,
}: {
  folder: string;
  encoder: Float32Array;
  bias: Float32Array;
  decoder: Float32Array;
}): Promise<string> {
  const latents = bias.length;
  const dModel = encoder.length / latents;
  const target = new Float32Array(encoder.length);
  transposeInto({ source: encoder, rows: latents, columns: dModel, target, targetColumns: latents, at: 0 });
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "cfg.json"),
    JSON.stringify({
      architecture: "standard",
      d_in: dModel,
      d_sae: latents,
      dtype: "float32",
      apply_b_dec_to_input: false,
      normalize_activations: "none",
    }),
  );
  await writeSafetensors({
    path: join(folder, "sae_weights.safetensors"),
    tensors: {
      W_enc: { shape: [dModel, latents], data: target },
      b_enc: { shape: [latents], data: bias },
      W_dec: { shape: [latents, dModel], data: decoder },
      b_dec: { shape: [dModel], data: new Float32Array(dModel) },
    },
  });
  return folder;
}

/** `count` unit vectors of `size` numbers that differ and are fixed: every call gives the same. */
export function unitRows(count: number, size: number): Float32Array {
  const rows = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const values = Float64Array.from({ length: size }, (_, i) =>
      Math.sin((row + 1) * 12.9898 * (i + 1) + row),
    );
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    rows.set(
      values.map((value) => value / length),
      row * size,
    );
  }
  return rows;
}

/** ReLU of every axis of the stream and of its opposite: it reconstructs any row without loss. Returns its folder. */
export function writePerfect({ folder, size }: { folder: string; size: number }): Promise<string> {
  const axes = new Float32Array(2 * size * size);
  for (let i = 0; i < size; i++) {
    axes[i * size + i] = 1;
    axes[(size + i) * size + i] = -1;
  }
  return writeStandard({ folder, encoder: axes, bias: new Float32Array(2 * size), decoder: axes });
}

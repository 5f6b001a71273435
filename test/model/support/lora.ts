/** LoRA adapters of the default model, made in the test. */
import type { BaseModel } from "../../../src/finetune/adapter/base-model.ts";
import { adapterOf, type LoraAdapter } from "../../../src/finetune/adapter/lora-adapter.ts";
import { MATRIX_NAMES, type MatrixName } from "../../../src/finetune/types.ts";
import { tinyGguf } from "../../support/tiny-gguf.ts";
import { unitRows } from "./dictionaries.ts";

const D_MODEL = 576;
const RANK = 2;

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** Changes block 0's query projection by `scale` times a fixed matrix of rank 2; 0 changes nothing. `inputs` other than 576 fits no model here. */
export function loraFile({ scale, inputs = D_MODEL }: { scale: number; inputs?: number }): Buffer {
  const a = unitRows(RANK, inputs);
  const b = unitRows(D_MODEL, RANK).map((value) => value * scale);
  return tinyGguf({
    metadata: {
      "general.architecture": "llama",
      "general.type": "adapter",
      "adapter.type": "lora",
      "adapter.lora.alpha": { float32: RANK },
    },
    tensors: [
      { name: "blk.0.attn_q.weight.lora_a", shape: [inputs, RANK], type: 0, bytes: bytesOf(a) },
      { name: "blk.0.attn_q.weight.lora_b", shape: [RANK, D_MODEL], type: 0, bytes: bytesOf(b) },
    ],
  });
}

/** Fixed factors on matrices of a real model; `scale` is the size of their effect, 0 has none. */
export function fixedAdapter({
  model,
  layers,
  matrices = MATRIX_NAMES,
  scale,
}: {
  model: BaseModel;
  layers: readonly number[];
  matrices?: readonly MatrixName[];
  scale: number;
}): LoraAdapter {
  const factors = layers.flatMap((layer) =>
    matrices.map((matrix) => {
      const size = model.matrix({ layer, matrix });
      if (size === undefined) throw new Error(`no ${matrix} in block ${layer}`);
      const b = unitRows(size.outputs, RANK).map((value, i) => value * scale * Math.cos(i + layer));
      return { layer, matrix, a: unitRows(RANK, size.inputs), b };
    }),
  );
  return adapterOf({ factors, rank: RANK, alpha: 3 * RANK, dropout: 0 });
}

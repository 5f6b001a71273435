/** A GGUF LoRA adapter of one matrix, made in the test. */
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

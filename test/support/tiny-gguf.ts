/** Small GGUF files for tests, in memory. */
import { GGUFValueType } from "@huggingface/gguf";
import {
  type GgufEntry,
  ggufFloat32,
  ggufLayout,
  ggufText,
  ggufTexts,
  ggufUint32,
} from "../../src/model/gguf-layout.ts";

/** A plain number is stored as uint32. */
export type GgufValue =
  | string
  | number
  | string[]
  | { float32: number }
  | { int32s: number[] }
  | { float32s: number[] }
  | boolean;

export interface TinyTensor {
  name: string;
  /** Innermost dimension first. */
  shape: number[];
  /** ggml type number; 0 is F32, 3 is Q4_1. */
  type: number;
  bytes: Buffer;
}

function entry(value: GgufValue): GgufEntry {
  if (typeof value === "string") return ggufText(value);
  if (typeof value === "number") return ggufUint32(value);
  if (typeof value === "boolean") return { type: GGUFValueType.BOOL, value };
  if ("int32s" in value) {
    return { type: GGUFValueType.ARRAY, subType: GGUFValueType.INT32, value: value.int32s };
  }
  if ("float32s" in value) {
    return { type: GGUFValueType.ARRAY, subType: GGUFValueType.FLOAT32, value: value.float32s };
  }
  return "float32" in value ? ggufFloat32(value.float32) : ggufTexts(value);
}

export function tinyGguf({
  metadata,
  tensors,
}: {
  metadata: Record<string, GgufValue>;
  tensors: TinyTensor[];
}): Buffer {
  const entries = Object.entries(metadata).map(([key, value]) => [key, entry(value)] as const);
  const layout = ggufLayout({ metadata: Object.fromEntries(entries), tensors });
  const padded = tensors.flatMap(({ bytes }, i) => [bytes, Buffer.alloc(layout.tensors[i]?.padding ?? 0)]);
  return Buffer.concat([layout.header, ...padded]);
}

/** The metadata of a language model with two blocks. */
export const TINY_METADATA: Record<string, GgufValue> = {
  "general.architecture": "llama",
  "general.name": "Tiny",
  "llama.block_count": 2,
  "llama.embedding_length": 32,
  "llama.context_length": 64,
  "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", "a"],
  "tokenizer.ggml.bos_token_id": 1,
  "tokenizer.ggml.eos_token_id": 2,
};

/** An F32 embedding and, for each of two blocks, three F32 norms and two Q4_1 matrices. */
export function tinyTensors(): TinyTensor[] {
  const block = (layer: number): TinyTensor[] => [
    ...["attn_norm", "ffn_norm", "post_norm"].map((part) => ({
      name: `blk.${layer}.${part}.weight`,
      shape: [32],
      type: 0,
      bytes: Buffer.alloc(128, 1),
    })),
    { name: `blk.${layer}.attn_q.weight`, shape: [32, 32], type: 3, bytes: Buffer.alloc(640, 2) },
    { name: `blk.${layer}.ffn_up.weight`, shape: [32, 64], type: 3, bytes: Buffer.alloc(1280, 3) },
  ];
  return [
    { name: "token_embd.weight", shape: [32, 4], type: 0, bytes: Buffer.alloc(512, 4) },
    ...block(0),
    ...block(1),
  ];
}

/** Writes small GGUF files (version 3, little-endian) for tests. Format: ggml's docs/gguf.md. */

/** A plain number is stored as uint32. */
export type GgufValue = string | number | string[] | { float32: number };

export interface TinyTensor {
  name: string;
  /** Innermost dimension first. */
  shape: number[];
  /** ggml type number; 0 is F32, 3 is Q4_1. */
  type: number;
  bytes: Buffer;
}

const ALIGNMENT = 32;
const UINT32 = 4;
const FLOAT32 = 6;
const STRING = 8;
const ARRAY = 9;

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function entry([key, value]: [string, GgufValue]): Buffer {
  if (typeof value === "string") return Buffer.concat([text(key), u32(STRING), text(value)]);
  if (typeof value === "number") return Buffer.concat([text(key), u32(UINT32), u32(value)]);
  if ("float32" in value) {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value.float32);
    return Buffer.concat([text(key), u32(FLOAT32), bytes]);
  }
  return Buffer.concat([text(key), u32(ARRAY), u32(STRING), u64(value.length), ...value.map(text)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);
}

export function tinyGguf({
  metadata,
  tensors,
}: {
  metadata: Record<string, GgufValue>;
  tensors: TinyTensor[];
}): Buffer {
  const entries = Object.entries(metadata);
  let offset = 0;
  const infos = tensors.map((tensor) => {
    const at = offset;
    offset += padded(tensor.bytes).length;
    return Buffer.concat([
      text(tensor.name),
      u32(tensor.shape.length),
      ...tensor.shape.map(u64),
      u32(tensor.type),
      u64(at),
    ]);
  });
  const header = [
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries.map(entry),
    ...infos,
  ];
  return Buffer.concat([padded(Buffer.concat(header)), ...tensors.map((tensor) => padded(tensor.bytes))]);
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

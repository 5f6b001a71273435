/** A model and adapters small enough for property tests. */
import { writeFile } from "node:fs/promises";
import fc from "fast-check";
import { adapterOf, type LoraAdapter } from "../../src/finetune/adapter/lora-adapter.ts";
import { MATRIX_NAMES, type MatrixName } from "../../src/finetune/types.ts";
import { TINY_METADATA, tinyGguf } from "./tiny-gguf.ts";

const LAYERS = 2;
export const HEADS = { query: 4, key: 2 };
const WIDTH = 16;
const HIDDEN = 32;

export const SIZES: Readonly<Record<MatrixName, { inputs: number; outputs: number }>> = {
  attn_q: { inputs: WIDTH, outputs: WIDTH },
  attn_k: { inputs: WIDTH, outputs: WIDTH / 2 },
  attn_v: { inputs: WIDTH, outputs: WIDTH / 2 },
  attn_output: { inputs: WIDTH, outputs: WIDTH },
  ffn_gate: { inputs: WIDTH, outputs: HIDDEN },
  ffn_up: { inputs: WIDTH, outputs: HIDDEN },
  ffn_down: { inputs: HIDDEN, outputs: WIDTH },
};

/** Weights of the model: any fixed numbers that differ. */
export function tinyWeights({ layer, matrix }: { layer: number; matrix: MatrixName }): Float32Array {
  const { inputs, outputs } = SIZES[matrix];
  const first = layer * 31 + MATRIX_NAMES.indexOf(matrix) * 7;
  return Float32Array.from({ length: inputs * outputs }, (_, i) => Math.sin(first + i));
}

/** Two blocks of a Llama with grouped keys, in float32. */
export async function writeTinyModel({
  path,
  architecture = "llama",
}: {
  path: string;
  architecture?: string;
}): Promise<void> {
  const { "general.architecture": _, ...others } = TINY_METADATA;
  const metadata = Object.entries({
    ...others,
    "llama.attention.head_count": HEADS.query,
    "llama.attention.head_count_kv": HEADS.key,
  }).map(([key, value]) => [key.replace(/^llama\./, `${architecture}.`), value] as const);
  const layers = [...Array(LAYERS).keys()];
  const tensors = layers.flatMap((layer) =>
    MATRIX_NAMES.map((matrix) => ({
      name: `blk.${layer}.${matrix}.weight`,
      shape: [SIZES[matrix].inputs, SIZES[matrix].outputs],
      type: 0,
      bytes: Buffer.from(tinyWeights({ layer, matrix }).buffer),
    })),
  );
  const embedding = {
    name: "token_embd.weight",
    shape: [WIDTH, 4],
    type: 0,
    bytes: Buffer.alloc(WIDTH * 16, 5),
  };
  await writeFile(
    path,
    tinyGguf({
      metadata: { "general.architecture": architecture, ...Object.fromEntries(metadata) },
      tensors: [embedding, ...tensors],
    }),
  );
}

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

/** Adapters of the tiny model, on any of its matrices. */
export const adapters: fc.Arbitrary<LoraAdapter> = fc
  .record({
    rank: fc.integer({ min: 1, max: 4 }),
    alpha: fc.integer({ min: 1, max: 64 }),
    matrices: fc.subarray([...MATRIX_NAMES], { minLength: 1 }),
    layers: fc.subarray([...Array(LAYERS).keys()], { minLength: 1 }),
    numbers: fc.array(finite, { minLength: 1, maxLength: 97 }),
  })
  .map(({ rank, alpha, matrices, layers, numbers }) => {
    let next = 0;
    const some = (count: number) =>
      Float32Array.from({ length: count }, () => numbers[next++ % numbers.length] ?? 0);
    const factors = layers.flatMap((layer) =>
      matrices.map((matrix) => ({
        layer,
        matrix,
        a: some(rank * SIZES[matrix].inputs),
        b: some(rank * SIZES[matrix].outputs),
      })),
    );
    return adapterOf({ factors, rank, alpha, dropout: 0 });
  });

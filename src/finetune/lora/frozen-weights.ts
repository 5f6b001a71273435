/**
 * The weights that training leaves as they are, each matrix twice: as it is for the forward pass, and transposed for the backward pass,
 * because ggml's fast products contract over rows.
 */
import { setImmediate } from "node:timers/promises";
import { GGML_TYPE } from "../../engine/llama/bindings.ts";
import { readFloatRows, storedRows } from "../../engine/llama/float-rows.ts";
import type { Tensor } from "../../engine/llama/graph-builder.ts";
import { type ShelfType, TensorShelf, writeTensor } from "../../engine/llama/tensor-shelf.ts";
import type { GgufMatrix } from "../../model/gguf-tensors.ts";
import { MATRIX_NAMES, type MatrixName } from "../types.ts";
import type { TrainableModel } from "./trainable-model.ts";

/** `exact`: float32 throughout. `fast`: 8-bit weights (q8_0) in products, attention in bfloat16. */
export type Precision = "exact" | "fast";

export interface FrozenMatrix {
  inputs: number;
  outputs: number;
  /** `[inputs, outputs]` as ggml counts: rows of inputs. */
  weight: Tensor;
  /** `[outputs, inputs]` */
  transposed: Tensor;
  /** `[outputs]` */
  bias: Tensor | null;
}

export interface FrozenBlock {
  attentionNorm: Tensor;
  feedForwardNorm: Tensor;
  matrices: Record<MatrixName, FrozenMatrix>;
}

export interface FrozenWeights {
  embedding: Tensor;
  blocks: FrozenBlock[];
  outputNorm: Tensor;
  head: FrozenMatrix;
  ropeFactors: Tensor | null;
  close(): void;
}

const BLOCK_NUMBERS = 32;
const MODEL_TENSORS = 6;
const BLOCK_TENSORS = 2 + 3 * MATRIX_NAMES.length;
/** Numbers of a matrix that are read at once. */
const PIECE_NUMBERS = 2 ** 22;
/** Columns of a tile in the transposition: both sides of it stay in the cache. */
const TILE = 32;

type Fill = () => Promise<void>;

/** Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED. */
export async function loadFrozenWeights({
  model,
  precision,
}: {
  model: TrainableModel;
  precision: Precision;
}): Promise<FrozenWeights> {
  const { tensors, layers } = model;
  const shelf = new TensorShelf({ count: MODEL_TENSORS + layers * BLOCK_TENSORS });
  const fills: Fill[] = [];
  const typeFor = (columns: number): ShelfType =>
    precision === "fast" && columns % BLOCK_NUMBERS === 0 ? "q8_0" : "f32";

  const stored = (name: string, type?: ShelfType): Tensor | null => {
    const source = tensors.find(name);
    if (source === undefined) return null;
    const { columns, rows } = source;
    const kind = type ?? typeFor(columns);
    const tensor = shelf.add({ type: kind, columns, rows });
    fills.push(() => fill({ path: tensors.path, source, tensor, type: kind }));
    return tensor;
  };
  const needed = (name: string, type?: ShelfType): Tensor => {
    const tensor = stored(name, type);
    if (tensor === null) throw new RangeError(`the model has no ${name}`);
    return tensor;
  };
  const matrix = (name: string, weight = needed(`${name}.weight`)): FrozenMatrix => {
    const source = tensors.find(`${name}.weight`);
    if (source === undefined) throw new RangeError(`the model has no ${name}.weight`);
    const { columns: inputs, rows: outputs } = source;
    const type = typeFor(outputs);
    const transposed = shelf.add({ type, columns: outputs, rows: inputs });
    fills.push(() => fillTransposed({ path: tensors.path, source, tensor: transposed, type }));
    return { inputs, outputs, weight, transposed, bias: stored(`${name}.bias`, "f32") };
  };
  const matricesOf = (layer: number): Record<MatrixName, FrozenMatrix> => {
    const of = (name: MatrixName) => matrix(`blk.${layer}.${name}`);
    return {
      attn_q: of("attn_q"),
      attn_k: of("attn_k"),
      attn_v: of("attn_v"),
      attn_output: of("attn_output"),
      ffn_gate: of("ffn_gate"),
      ffn_up: of("ffn_up"),
      ffn_down: of("ffn_down"),
    };
  };

  const embedding = needed("token_embd.weight");
  const tied = tensors.find("output.weight") === undefined;
  const weights: FrozenWeights = {
    embedding,
    blocks: Array.from({ length: layers }, (_, layer) => ({
      attentionNorm: needed(`blk.${layer}.attn_norm.weight`, "f32"),
      feedForwardNorm: needed(`blk.${layer}.ffn_norm.weight`, "f32"),
      matrices: matricesOf(layer),
    })),
    outputNorm: needed("output_norm.weight", "f32"),
    head: tied ? matrix("token_embd", embedding) : matrix("output"),
    ropeFactors: stored("rope_freqs.weight", "f32"),
    close: () => shelf.close(),
  };
  shelf.allocate();
  try {
    for (const each of fills) {
      await each();
      // reading from the page cache alone would hold up the event loop
      await setImmediate();
    }
  } catch (error) {
    shelf.close();
    throw error;
  }
  return weights;
}

interface FillOptions {
  path: string;
  source: GgufMatrix;
  tensor: Tensor;
  type: ShelfType;
}

async function fill({ path, source, tensor, type }: FillOptions): Promise<void> {
  const { columns, rows } = source;
  const piece = Math.max(1, Math.floor(PIECE_NUMBERS / columns));
  let offset = 0;
  for (let start = 0; start < rows; start += piece) {
    const count = Math.min(piece, rows - start);
    const values = await readFloatRows({ path, matrix: source, start, count });
    const bytes = storedRows({ type: GGML_TYPE[type], values, columns });
    writeTensor(tensor, bytes, offset);
    offset += bytes.byteLength;
  }
}

async function fillTransposed({ path, source, tensor, type }: FillOptions): Promise<void> {
  const { columns, rows } = source;
  const values = new Float32Array(columns * rows);
  const piece = Math.max(1, Math.floor(PIECE_NUMBERS / columns));
  for (let start = 0; start < rows; start += piece) {
    const count = Math.min(piece, rows - start);
    const from = await readFloatRows({ path, matrix: source, start, count });
    transposeInto({ from, columns, count, to: values, stride: rows, at: start });
  }
  writeTensor(tensor, storedRows({ type: GGML_TYPE[type], values, columns: rows }));
}

function transposeInto({
  from,
  columns,
  count,
  to,
  stride,
  at,
}: {
  /** `[count, columns]` */
  from: Float32Array;
  columns: number;
  count: number;
  /** `[columns, stride]`; its columns from `at` on are written. */
  to: Float32Array;
  stride: number;
  at: number;
}): void {
  for (let column = 0; column < columns; column += TILE) {
    const end = Math.min(columns, column + TILE);
    for (let row = 0; row < count; row++) {
      for (let c = column; c < end; c++) to[c * stride + at + row] = from[row * columns + c] ?? 0;
    }
  }
}

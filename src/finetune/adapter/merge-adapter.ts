/** Writes a model whose weights hold an adapter: `W + (alpha / rank) B A`. What isn't adapted is copied as it is. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { GGMLQuantizationType } from "@huggingface/gguf";
import { readFloatRows, storedRows } from "../../engine/llama/float-rows.ts";
import { CountersteerError } from "../../errors.ts";
import { throwIfAborted } from "../../model/aborted.ts";
import { type GgufHeader, readGgufHeader } from "../../model/gguf-header.ts";
import { type GgufEntry, ggufText, ggufUint32 } from "../../model/gguf-layout.ts";
import {
  type GgufMatrix,
  type GgufTensors,
  readGgufRows,
  readGgufTensors,
} from "../../model/gguf-tensors.ts";
import { type GgufTensorData, writeGguf } from "../../model/write-gguf.ts";
import type { LoraFactors, LoraShape } from "../types.ts";
import { addProduct } from "./add-product.ts";
import type { LoraAdapter } from "./lora-adapter.ts";
import { ggufWeightName } from "./tensor-names.ts";

export const MERGE_TYPES = ["f32", "f16", "bf16", "q8_0"] as const;
export type MergeType = (typeof MERGE_TYPES)[number];

/** ggml's number, and llama.cpp's number of a file whose matrices have this type. */
const TYPES: Readonly<Record<MergeType, { ggml: GGMLQuantizationType; file: number }>> = {
  f32: { ggml: GGMLQuantizationType.F32, file: 0 },
  f16: { ggml: GGMLQuantizationType.F16, file: 1 },
  q8_0: { ggml: GGMLQuantizationType.Q8_0, file: 7 },
  bf16: { ggml: GGMLQuantizationType.BF16, file: 32 },
};

/** Numbers that are held at once. */
const PIECE_NUMBERS = 2 ** 22;

export interface MergeOptions {
  /** GGUF file of the model. */
  base: string;
  /** Fits the model (`checkFits`). */
  adapter: LoraAdapter;
  out: string;
  /** Of the adapted matrices. */
  type: MergeType;
  /** Written into the metadata, under `countersteer.merge.`. */
  provenance: Readonly<Record<string, string>>;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface Merged {
  /** Adapted matrices. */
  adapted: number;
  /** Tensors that were copied. */
  copied: number;
}

/** Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED (one file of several; a type that can't be read or written), DISK_FULL, ABORTED. */
export async function mergeAdapter(options: MergeOptions): Promise<Merged> {
  const { base, adapter, out, type, provenance, onProgress, signal } = options;
  const header = await readGgufHeader({ path: base });
  const tensors = await readGgufTensors({ path: base });
  refuseParts({ path: base, header });
  const byName = new Map(adapter.factors.map((each) => [ggufWeightName(each), each]));
  let done = 0;
  const data = header.tensorInfos.map(({ name, shape, dtype }): GgufTensorData => {
    const matrix = tensors.find(name);
    if (matrix === undefined) throw new Error(`${name} was listed and is not there`);
    const factors = byName.get(name);
    const merged = factors === undefined ? null : { factors, shape: adapter.shape, type };
    if (merged !== null && type === "q8_0" && matrix.columns % 32 !== 0)
      throw notWhole({ path: base, matrix });
    return {
      name,
      shape: shape.map(Number),
      type: merged === null ? dtype : TYPES[type].ggml,
      pieces: async function* () {
        yield* pieces({ tensors, matrix, merged, signal });
        onProgress?.(++done, header.tensorInfos.length);
      },
    };
  });
  await mkdir(dirname(out), { recursive: true });
  await writeGguf({ path: out, metadata: metadataOf({ header, adapter, type, provenance }), tensors: data });
  return { adapted: byName.size, copied: data.length - byName.size };
}

async function* pieces({
  tensors: { path },
  matrix,
  merged,
  signal,
}: {
  tensors: GgufTensors;
  matrix: GgufMatrix;
  merged: { factors: LoraFactors; shape: LoraShape; type: MergeType } | null;
  signal: AbortSignal | undefined;
}): AsyncGenerator<Uint8Array> {
  const { columns, rows } = matrix;
  const step = Math.max(1, Math.floor(PIECE_NUMBERS / columns));
  for (let start = 0; start < rows; start += step) {
    throwIfAborted({ signal, what: "The merge" });
    const count = Math.min(step, rows - start);
    if (merged === null) {
      yield await readGgufRows({ path, matrix, start, count });
      continue;
    }
    const values = await readFloatRows({ path, matrix, start, count });
    addProduct({ rows: values, start, ...merged });
    yield storedRows({ type: TYPES[merged.type].ggml, values, columns });
    // the product blocks the thread: let an interruption through
    await setImmediate();
  }
}

function metadataOf({
  header,
  adapter,
  type,
  provenance,
}: { header: GgufHeader } & Pick<MergeOptions, "adapter" | "type" | "provenance">): Record<
  string,
  GgufEntry
> {
  const { version: _, tensor_count: __, kv_count: ___, ...base } = header.typedMetadata;
  const matrices = header.tensorInfos.filter(({ name }) => /^blk\.\d+\.(?:attn|ffn)_\w+\.weight$/.test(name));
  const isMost = 2 * adapter.factors.length > matrices.filter(({ n_dims }) => n_dims > 1).length;
  return {
    ...base,
    ...(isMost ? { "general.file_type": ggufUint32(TYPES[type].file) } : {}),
    ...Object.fromEntries(
      Object.entries(provenance).map(([key, value]) => [`countersteer.merge.${key}`, ggufText(value)]),
    ),
  };
}

function refuseParts({ path, header }: { path: string; header: GgufHeader }): void {
  const count = Number(header.typedMetadata["split.count"]?.value ?? 1);
  if (count <= 1) return;
  throw new CountersteerError("MODEL_UNSUPPORTED", {
    what: `${path} can't be merged with an adapter.`,
    why: `It is one of ${count} files of a model.`,
    todo: "Join them first, with llama.cpp's llama-gguf-split --merge.",
    facts: { path, parts: count },
  });
}

function notWhole({ path, matrix }: { path: string; matrix: GgufMatrix }): CountersteerError {
  return new CountersteerError("MODEL_UNSUPPORTED", {
    what: `${matrix.name} of ${path} can't be written as q8_0.`,
    why: `Its rows have ${matrix.columns} numbers, which is no multiple of 32.`,
    todo: "Write it as f16 or bf16.",
    facts: { path, tensor: matrix.name, columns: matrix.columns },
  });
}

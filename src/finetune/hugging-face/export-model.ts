/** Writes a GGUF model as a folder that transformers and vLLM load: the numbers that llama.cpp computes with in float32, or rounded to bfloat16. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { readFloatRows } from "../../engine/llama/float-rows.ts";
import { CountersteerError } from "../../errors.ts";
import { throwIfAborted } from "../../model/aborted.ts";
import { readGgufHeader } from "../../model/gguf-header.ts";
import { type GgufMatrix, type GgufTensors, readGgufTensors } from "../../model/gguf-tensors.ts";
import { writeAll, writeWholeFile } from "../../model/whole-file.ts";
import { float32ToBfloat16 } from "../../sae/float-bits.ts";
import { safetensorsLayout, type TensorPlan } from "../../sae/safetensors-layout.ts";
import { type BaseModel, interleavedHeads, readBaseModel } from "../adapter/base-model.ts";
import { separateHalves } from "../adapter/rope-rows.ts";
import { modelConfig } from "./model-shape.ts";
import { tokenizerFiles } from "./tokenizer-files.ts";
import { type WeightName, weightName } from "./weight-names.ts";

export const EXPORT_TYPES = ["float32", "bfloat16"] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

/** Numbers that are held at once, apart from a matrix whose rows are sorted. */
const PIECE_NUMBERS = 2 ** 22;

export interface ExportModelOptions {
  /** GGUF file. */
  model: string;
  /** Folder; made if there is none. */
  folder: string;
  type: ExportType;
  /** Kept in the metadata of the weights. */
  provenance: Readonly<Record<string, string>>;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface ExportedModel {
  files: string[];
  tensors: number;
  /** Of the weights. */
  bytes: number;
}

interface Planned extends WeightName {
  source: GgufMatrix;
  plan: TensorPlan;
}

/** `config.json` is written last: a folder without it is not complete. Throws MODEL_UNREADABLE, MODEL_UNSUPPORTED, DISK_FULL, ABORTED. */
export async function exportModel(options: ExportModelOptions): Promise<ExportedModel> {
  const { model: path, folder, type, provenance } = options;
  const tensors = await readGgufTensors({ path });
  const { config, bos, eos } = modelConfig({ tensors, dtype: type });
  const { tokenizer, config: tokenizerConfig } = tokenizerFiles({
    tensors,
    contextLength: Number(config.max_position_embeddings),
  });
  const model = await readBaseModel({ path });
  const planned = await plannedTensors({ tensors, type });
  await mkdir(folder, { recursive: true });
  const bytes = await writeWeights({ ...options, model, planned, provenance });
  const files: Record<string, unknown> = {
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": tokenizerConfig,
    "generation_config.json": { bos_token_id: bos, eos_token_id: eos },
    "config.json": config,
  };
  for (const [name, value] of Object.entries(files)) {
    const json = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
    await writeWholeFile({ path: join(folder, name), write: (file) => writeAll({ file, bytes: json }) });
  }
  return { files: [WEIGHTS, ...Object.keys(files)], tensors: planned.length, bytes };
}

const WEIGHTS = "model.safetensors";

async function plannedTensors({
  tensors,
  type,
}: {
  tensors: GgufTensors;
  type: ExportType;
}): Promise<Planned[]> {
  const { tensorInfos } = await readGgufHeader({ path: tensors.path });
  return tensorInfos.map(({ name, n_dims }) => {
    const named = weightName(name);
    const source = tensors.find(name);
    if (named === null || source === undefined) throw unknownTensor({ path: tensors.path, name });
    const { rows, columns } = source;
    const shape = n_dims === 1 ? [columns] : [rows, columns];
    return { ...named, source, plan: { dtype: type === "float32" ? "F32" : "BF16", shape } };
  });
}

interface WriteWeights extends Omit<ExportModelOptions, "model"> {
  model: BaseModel;
  planned: Planned[];
}

async function writeWeights(options: WriteWeights): Promise<number> {
  const { planned, folder, provenance, onProgress } = options;
  const { header, size } = safetensorsLayout({
    tensors: Object.fromEntries(planned.map(({ name, plan }) => [name, plan])),
    metadata: { format: "pt", ...provenance },
  });
  await writeWholeFile({
    path: join(folder, WEIGHTS),
    async write(file) {
      await writeAll({ file, bytes: header });
      for (const [done, tensor] of planned.entries()) {
        for await (const bytes of pieces({ ...options, tensor })) await writeAll({ file, bytes });
        onProgress?.(done + 1, planned.length);
      }
    },
  });
  return size;
}

async function* pieces({
  model,
  tensor: { source, matrix },
  type,
  signal,
}: WriteWeights & { tensor: Planned }): AsyncGenerator<Uint8Array> {
  const { rows, columns } = source;
  const heads = matrix === null ? null : interleavedHeads({ model, matrix });
  // rows change places within a head, so a matrix of heads is taken whole
  const step = heads === null ? Math.max(1, Math.floor(PIECE_NUMBERS / columns)) : rows;
  for (let start = 0; start < rows; start += step) {
    throwIfAborted({ signal, what: "The export" });
    const count = Math.min(step, rows - start);
    const read = await readFloatRows({ path: model.path, matrix: source, start, count });
    const values =
      heads === null ? read : separateHalves({ values: read, heads, columns: rows === 1 ? 1 : columns });
    const stored = type === "float32" ? values : float32ToBfloat16(values);
    yield new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    await setImmediate();
  }
}

function unknownTensor({ path, name }: { path: string; name: string }): CountersteerError {
  return new CountersteerError("MODEL_UNSUPPORTED", {
    what: `${path} can't be written in Hugging Face's format.`,
    why: `Its tensor ${name} has no place there.`,
    todo: "Take the model from where its makers published it.",
    facts: { path, tensor: name },
  });
}

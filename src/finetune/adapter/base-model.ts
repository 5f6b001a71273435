/** What converting or checking an adapter must know of the model it belongs to. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import { readGgufTensors } from "../../model/gguf-tensors.ts";
import type { MatrixName } from "../types.ts";
import { ggufWeightName } from "./tensor-names.ts";

/** How llama.cpp's graph rotates queries and keys: neighbours, or the two halves of a head as transformers does. */
const ROTATION: Readonly<Record<string, "neighbours" | "halves">> = {
  llama: "neighbours",
  qwen2: "halves",
  qwen3: "halves",
  gemma2: "halves",
  gemma3: "halves",
};

export interface BaseModel {
  /** GGUF file. */
  path: string;
  architecture: string;
  rotation: "neighbours" | "halves";
  layers: number;
  heads: { query: number; key: number };
  /** Undefined where the model has no such matrix. */
  matrix(at: { layer: number; matrix: MatrixName }): { inputs: number; outputs: number } | undefined;
}

const count = z.int().positive();

/** Throws MODEL_UNREADABLE, and MODEL_UNSUPPORTED for an architecture whose adapters can't be converted. */
export async function readBaseModel({ path }: { path: string }): Promise<BaseModel> {
  const tensors = await readGgufTensors({ path });
  const architecture = String(tensors.metadata["general.architecture"] ?? "");
  const rotation = ROTATION[architecture];
  const read = z.object({ layers: count, query: count, key: count }).safeParse({
    layers: tensors.metadata[`${architecture}.block_count`],
    query: tensors.metadata[`${architecture}.attention.head_count`],
    // a file without the key has as many key heads as query heads
    key:
      tensors.metadata[`${architecture}.attention.head_count_kv`] ??
      tensors.metadata[`${architecture}.attention.head_count`],
  });
  if (rotation === undefined || !read.success) {
    throw new CountersteerError("MODEL_UNSUPPORTED", {
      what: `Adapters of ${path} can't be handled.`,
      why:
        rotation === undefined
          ? `Its architecture is "${architecture}"; known are ${Object.keys(ROTATION).join(", ")}.`
          : "It does not say one number of blocks and of attention heads for all blocks.",
      todo: "Use a model of one of these architectures.",
      facts: { path, architecture, known: Object.keys(ROTATION) },
    });
  }
  const { layers, query, key } = read.data;
  return {
    path,
    architecture,
    rotation,
    layers,
    heads: { query, key },
    matrix: (at) => {
      const found = tensors.find(ggufWeightName(at));
      return found === undefined ? undefined : { inputs: found.columns, outputs: found.rows };
    },
  };
}

/** Attention heads that the output rows of a matrix belong to, where GGUF orders these rows otherwise than transformers; else null. */
export function interleavedHeads({
  model,
  matrix,
}: {
  model: Pick<BaseModel, "rotation" | "heads">;
  matrix: MatrixName;
}): number | null {
  if (model.rotation === "halves") return null;
  return matrix === "attn_q" ? model.heads.query : matrix === "attn_k" ? model.heads.key : null;
}

/** What the training graph must know of a GGUF model; refuses what the graph does not compute. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import { type GgufTensors, readGgufTensors } from "../../model/gguf-tensors.ts";
import { MATRIX_NAMES } from "../types.ts";

export interface TrainableModel {
  tensors: GgufTensors;
  layers: number;
  dModel: number;
  heads: number;
  keyHeads: number;
  headSize: number;
  vocabulary: number;
  /** Of RMS norm. */
  epsilon: number;
  rotation: { dimensions: number; mode: number; base: number; scale: number };
}

/** How the rows of queries and keys are rotated, as ggml numbers it: neighbours, or the two halves of a head. */
const ROTATION_MODES: Readonly<Record<string, number>> = { llama: 0, qwen2: 2 };

const BLOCK_TENSORS: readonly string[] = [
  "attn_norm.weight",
  "ffn_norm.weight",
  ...MATRIX_NAMES.flatMap((name) => [`${name}.weight`, `${name}.bias`]),
];
const MODEL_TENSORS: readonly string[] = [
  "token_embd.weight",
  "output.weight",
  "output_norm.weight",
  "rope_freqs.weight",
];

const count = z.int().positive();
const Metadata = z.object({
  layers: count,
  dModel: count,
  heads: count,
  keyHeads: count,
  headSize: count.optional(),
  dimensions: count.optional(),
  epsilon: z.number().positive(),
  base: z.number().positive(),
  scaling: z.enum(["none", "linear"]),
  factor: z.number().positive(),
  experts: z.literal(0),
});

function unsupported({ path, why }: { path: string; why: string }): CountersteerError {
  return new CountersteerError("MODEL_UNSUPPORTED", {
    what: `${path} can't be fine-tuned here.`,
    why,
    todo: `Use a model of architecture ${Object.keys(ROTATION_MODES).join(" or ")}, or \`finetune export\` for another trainer.`,
    facts: { path, known: Object.keys(ROTATION_MODES) },
  });
}

/** Throws MODEL_UNREADABLE, and MODEL_UNSUPPORTED, naming the architecture or the part that the training graph does not have. */
export async function readTrainableModel({ path }: { path: string }): Promise<TrainableModel> {
  const tensors = await readGgufTensors({ path });
  const { metadata } = tensors;
  const architecture = String(metadata["general.architecture"] ?? "");
  const mode = ROTATION_MODES[architecture];
  if (mode === undefined) throw unsupported({ path, why: `Its architecture is "${architecture}".` });
  const value = (key: string) => metadata[`${architecture}.${key}`];
  const read = Metadata.safeParse({
    layers: value("block_count"),
    dModel: value("embedding_length"),
    heads: value("attention.head_count"),
    keyHeads: value("attention.head_count_kv") ?? value("attention.head_count"),
    headSize: value("attention.key_length"),
    dimensions: value("rope.dimension_count"),
    epsilon: value("attention.layer_norm_rms_epsilon"),
    base: value("rope.freq_base") ?? 10_000,
    scaling: value("rope.scaling.type") ?? "none",
    factor: value("rope.scaling.factor") ?? 1,
    experts: value("expert_count") ?? 0,
  });
  if (!read.success) {
    const parts = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))].join(", ");
    throw unsupported({ path, why: `Its metadata is not of the kind that is known: ${parts}.` });
  }
  const { scaling, factor, base, experts: _, ...facts } = read.data;
  const headSize = facts.headSize ?? facts.dModel / facts.heads;
  const model: TrainableModel = {
    tensors,
    layers: facts.layers,
    dModel: facts.dModel,
    heads: facts.heads,
    keyHeads: facts.keyHeads,
    headSize,
    vocabulary: tensors.find("token_embd.weight")?.rows ?? 0,
    epsilon: facts.epsilon,
    rotation: {
      dimensions: facts.dimensions ?? headSize,
      mode,
      base,
      scale: scaling === "linear" ? 1 / factor : 1,
    },
  };
  checkTensors({ path, model });
  return model;
}

/** A tensor that the graph does not use would be left out silently, and one that it lacks would end the process. */
function checkTensors({ path, model: { tensors, layers } }: { path: string; model: TrainableModel }): void {
  const strange = tensors.names.find((name) => {
    const [, part] = /^blk\.\d+\.(.+)$/.exec(name) ?? [];
    return part === undefined ? !MODEL_TENSORS.includes(name) : !BLOCK_TENSORS.includes(part);
  });
  if (strange !== undefined) throw unsupported({ path, why: `The training graph has no ${strange}.` });
  const blocks = Array.from({ length: layers }, (_, layer) =>
    BLOCK_TENSORS.filter((part) => !part.endsWith(".bias")).map((part) => `blk.${layer}.${part}`),
  );
  const missing = ["token_embd.weight", "output_norm.weight", ...blocks.flat()].find(
    (name) => !tensors.names.includes(name),
  );
  if (missing !== undefined) throw unsupported({ path, why: `It has no ${missing}.` });
}

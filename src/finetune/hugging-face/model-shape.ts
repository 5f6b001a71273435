/** What a GGUF file says of a model's shape, in the words of transformers' `config.json`. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import type { GgufTensors } from "../../model/gguf-tensors.ts";

interface Family {
  /** transformers' class and type. */
  className: string;
  modelType: string;
  extra: Record<string, unknown>;
}

/** Architectures whose blocks transformers and llama.cpp compute alike from the same numbers. */
const FAMILIES: Readonly<Record<string, Family>> = {
  llama: {
    className: "LlamaForCausalLM",
    modelType: "llama",
    extra: { attention_bias: false, mlp_bias: false },
  },
  qwen2: { className: "Qwen2ForCausalLM", modelType: "qwen2", extra: { use_sliding_window: false } },
  qwen3: {
    className: "Qwen3ForCausalLM",
    modelType: "qwen3",
    extra: { attention_bias: false, use_sliding_window: false },
  },
};

const EXPORTED_ARCHITECTURES = Object.keys(FAMILIES);

const count = z.union([z.int().positive(), z.bigint().positive().transform(Number)]);
const token = z.int().nonnegative().optional();

export interface ModelConfig {
  /** The fields of `config.json`. */
  config: Record<string, unknown>;
  bos: number | null;
  eos: number | null;
}

/** Throws MODEL_UNSUPPORTED for another architecture, and MODEL_UNREADABLE where the file lacks a number. */
export function modelConfig({
  tensors,
  dtype,
}: {
  tensors: GgufTensors;
  dtype: "float32" | "bfloat16";
}): ModelConfig {
  const { metadata, path } = tensors;
  const architecture = String(metadata["general.architecture"] ?? "");
  const family = FAMILIES[architecture];
  if (family === undefined) {
    throw new CountersteerError("MODEL_UNSUPPORTED", {
      what: `${path} can't be written in Hugging Face's format.`,
      why: `Its architecture is "${architecture}"; exported are ${EXPORTED_ARCHITECTURES.join(", ")}.`,
      todo: "Take the model from where its makers published it.",
      facts: { path, architecture, known: EXPORTED_ARCHITECTURES },
    });
  }
  const of = (key: string) => metadata[`${architecture}.${key}`];
  const heads = of("attention.head_count");
  const read = z
    .object({
      layers: count,
      dModel: count,
      inner: count,
      heads: count,
      keyHeads: count,
      context: count,
      headSize: count.optional(),
      epsilon: z.number().positive(),
      ropeBase: z.number().positive(),
      vocabulary: count,
      bos: token,
      eos: token,
      pad: token,
    })
    .safeParse({
      layers: of("block_count"),
      dModel: of("embedding_length"),
      inner: of("feed_forward_length"),
      heads,
      // a file without the key has as many key heads as query heads
      keyHeads: of("attention.head_count_kv") ?? heads,
      context: of("context_length"),
      headSize: of("attention.key_length") ?? of("rope.dimension_count"),
      epsilon: of("attention.layer_norm_rms_epsilon"),
      ropeBase: of("rope.freq_base") ?? 10_000,
      vocabulary: tensors.tokens.length,
      bos: metadata["tokenizer.ggml.bos_token_id"],
      eos: metadata["tokenizer.ggml.eos_token_id"],
      pad: metadata["tokenizer.ggml.padding_token_id"],
    });
  if (!read.success) {
    throw new CountersteerError("MODEL_UNREADABLE", {
      what: `${path} does not say all that a configuration needs.`,
      why: `${read.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`).join("; ")}.`,
      todo: "Give a complete GGUF file of a language model.",
      facts: { path },
    });
  }
  const shape = read.data;
  refuseScaledRope({ tensors, architecture });
  return {
    bos: shape.bos ?? null,
    eos: shape.eos ?? null,
    config: {
      architectures: [family.className],
      model_type: family.modelType,
      ...family.extra,
      vocab_size: shape.vocabulary,
      hidden_size: shape.dModel,
      intermediate_size: shape.inner,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.keyHeads,
      head_dim: shape.headSize ?? shape.dModel / shape.heads,
      hidden_act: "silu",
      max_position_embeddings: shape.context,
      // stored as float32: the shortest number that is the same one there
      rms_norm_eps: shortest(shape.epsilon),
      rope_theta: shortest(shape.ropeBase),
      tie_word_embeddings: !tensors.names.includes("output.weight"),
      bos_token_id: shape.bos ?? null,
      eos_token_id: shape.eos ?? null,
      pad_token_id: shape.pad ?? null,
      initializer_range: 0.02,
      use_cache: true,
      torch_dtype: dtype,
    },
  };
}

function shortest(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return single;
}

/** Stretched positions (Llama 3.1 and later) are stored as their factors, from which the parameters can't be told. */
function refuseScaledRope({ tensors, architecture }: { tensors: GgufTensors; architecture: string }): void {
  const { metadata, path } = tensors;
  const kind = metadata[`${architecture}.rope.scaling.type`];
  const isScaled = kind !== undefined && kind !== "none";
  if (!isScaled && !tensors.names.includes("rope_freqs.weight")) return;
  throw new CountersteerError("MODEL_UNSUPPORTED", {
    what: `${path} can't be written in Hugging Face's format.`,
    why: "It stretches positions, and its file does not hold the parameters that transformers wants for that.",
    todo: "Take the model from where its makers published it.",
    facts: { path, scaling: kind ?? "rope_freqs.weight" },
  });
}

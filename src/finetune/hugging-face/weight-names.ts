/** What the tensors of a GGUF file are called in transformers' Llama-shaped models. */
import { MODULES } from "../adapter/tensor-names.ts";
import { MATRIX_NAMES, type MatrixName } from "../types.ts";

const WHOLE: Readonly<Record<string, string>> = {
  "token_embd.weight": "model.embed_tokens.weight",
  "output_norm.weight": "model.norm.weight",
  "output.weight": "lm_head.weight",
};

const VECTORS: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  ffn_norm: "post_attention_layernorm",
  attn_q_norm: "self_attn.q_norm",
  attn_k_norm: "self_attn.k_norm",
};

export interface WeightName {
  name: string;
  /** The matrix of a block that the tensor is, or belongs to as its bias; null for others. */
  matrix: MatrixName | null;
}

/** Null for a tensor that these models lack. */
export function weightName(ggufName: string): WeightName | null {
  const whole = WHOLE[ggufName];
  if (whole !== undefined) return { name: whole, matrix: null };
  const parts = /^blk\.(?<layer>\d{1,4})\.(?<part>\w+)\.(?<kind>weight|bias)$/.exec(ggufName)?.groups;
  const { layer = "", part = "", kind = "" } = parts ?? {};
  const matrix = MATRIX_NAMES.find((each) => each === part) ?? null;
  const module = matrix === null ? VECTORS[part] : MODULES[matrix];
  return module === undefined ? null : { name: `model.layers.${layer}.${module}.${kind}`, matrix };
}

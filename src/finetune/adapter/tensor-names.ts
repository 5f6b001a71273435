/** What a matrix is called by PEFT (after transformers' modules) and in a GGUF file. */
import { MATRIX_NAMES, type MatrixName } from "../types.ts";

export const MODULES: Readonly<Record<MatrixName, string>> = {
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

export interface FactorName {
  layer: number;
  matrix: MatrixName;
  factor: "a" | "b";
}

/** The last word of a module's name, as `target_modules` lists it. */
export function moduleWord(matrix: MatrixName): string {
  return MODULES[matrix].split(".").at(-1) ?? "";
}

export function peftName({ layer, matrix, factor }: FactorName): string {
  return `base_model.model.model.layers.${layer}.${MODULES[matrix]}.lora_${factor.toUpperCase()}.weight`;
}

/** Null for any other name. PEFT's own name of the adapter may stand before `weight`. */
export function parsePeftName(name: string): FactorName | null {
  const parts =
    /^base_model\.model\.model\.layers\.(?<layer>\d{1,4})\.(?<module>\w+\.\w+)\.lora_(?<factor>[AB])(?:\.default)?\.weight$/.exec(
      name,
    )?.groups;
  const matrix = MATRIX_NAMES.find((each) => MODULES[each] === parts?.module);
  if (parts === undefined || matrix === undefined) return null;
  return { layer: Number(parts.layer), matrix, factor: parts.factor === "A" ? "a" : "b" };
}

export function ggufWeightName({ layer, matrix }: Pick<FactorName, "layer" | "matrix">): string {
  return `blk.${layer}.${matrix}.weight`;
}

export function ggufName({ factor, ...weight }: FactorName): string {
  return `${ggufWeightName(weight)}.lora_${factor}`;
}

/** Null for any other name. */
export function parseGgufName(name: string): FactorName | null {
  const parts = /^blk\.(?<layer>\d{1,4})\.(?<matrix>\w+)\.weight\.lora_(?<factor>[ab])$/.exec(name)?.groups;
  const matrix = MATRIX_NAMES.find((each) => each === parts?.matrix);
  if (parts === undefined || matrix === undefined) return null;
  return { layer: Number(parts.layer), matrix, factor: parts.factor === "a" ? "a" : "b" };
}

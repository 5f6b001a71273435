/** `adapter_config.json` of Hugging Face PEFT: what of it is understood, and what is refused by name because it would change the numbers. */
import { z } from "zod";
import type { LoraShape } from "../types.ts";
import { moduleWord } from "./tensor-names.ts";

export const PEFT_CONFIG = "adapter_config.json";
export const PEFT_WEIGHTS = "adapter_model.safetensors";

const anything = z.unknown().optional();

export const peftConfigSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).max(1).default(0),
  use_rslora: z.boolean().nullish(),
  base_model_name_or_path: z.string().nullish(),
  use_dora: anything,
  lora_bias: anything,
  bias: anything,
  fan_in_fan_out: anything,
  modules_to_save: anything,
  rank_pattern: anything,
  alpha_pattern: anything,
  layer_replication: anything,
  trainable_token_indices: anything,
  target_parameters: anything,
  alora_invocation_tokens: anything,
  use_qalora: anything,
  init_lora_weights: anything,
});

export type PeftConfig = z.infer<typeof peftConfigSchema>;

/** Fields that must be absent, empty or false. */
const REFUSED = [
  "use_dora",
  "lora_bias",
  "fan_in_fan_out",
  "modules_to_save",
  "rank_pattern",
  "alpha_pattern",
  "layer_replication",
  "trainable_token_indices",
  "target_parameters",
  "alora_invocation_tokens",
  "use_qalora",
] as const;

/** These change the base weights when a training begins, so that the saved factors belong to other weights than the model's. */
const CHANGES_BASE = /^(?:pissa|olora|corda|loftq)/;

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The field that makes an adapter something else than plain LoRA, with its value; null where there is none. */
export function unsupportedField(config: PeftConfig): { field: string; value: unknown } | null {
  const field = REFUSED.find((name) => !isOff(config[name]));
  if (field !== undefined) return { field, value: config[field] };
  const { bias, init_lora_weights: init } = config;
  if (bias !== undefined && bias !== null && bias !== "none") return { field: "bias", value: bias };
  if (typeof init === "string" && CHANGES_BASE.test(init)) return { field: "init_lora_weights", value: init };
  return null;
}

/** The numerator of the scale `alpha / rank`. rsLoRA's scale is `lora_alpha / sqrt(r)`. */
export function alphaOf({ lora_alpha, r, use_rslora }: PeftConfig): number {
  return use_rslora === true ? lora_alpha * Math.sqrt(r) : lora_alpha;
}

export function peftConfig({
  shape,
  baseModel,
}: {
  shape: LoraShape;
  baseModel: string;
}): Record<string, unknown> {
  return {
    alpha_pattern: {},
    auto_mapping: null,
    base_model_name_or_path: baseModel,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: [...shape.layers],
    lora_alpha: shape.alpha,
    lora_dropout: shape.dropout,
    modules_to_save: null,
    peft_type: "LORA",
    r: shape.rank,
    rank_pattern: {},
    revision: null,
    target_modules: shape.matrices.map(moduleWord),
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: false,
  };
}

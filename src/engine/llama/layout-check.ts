/**
 * Proves the hand-declared struct layouts: the library fills each struct with its own defaults, and every default that we know must be
 * read back at the place where we declare it. A shifted field reads another one's value and is refused.
 */
import { CountersteerError } from "../../errors.ts";

const MODEL_DEFAULTS: Record<string, number | boolean | null> = {
  devices: null,
  n_gpu_layers: -1,
  split_mode: 1,
  main_gpu: 0,
  tensor_split: null,
  progress_callback: null,
  kv_overrides: null,
  vocab_only: false,
  check_tensors: false,
  use_extra_bufts: true,
  no_host: false,
  no_alloc: false,
  load_mtp: false,
};

const CONTEXT_DEFAULTS: Record<string, number | boolean | null> = {
  n_ctx: 512,
  n_batch: 2048,
  n_ubatch: 512,
  n_seq_max: 1,
  n_rs_seq: 0,
  n_outputs_max: 0,
  n_outputs_max_per_seq: 1,
  rope_scaling_type: -1,
  pooling_type: -1,
  attention_type: -1,
  flash_attn_type: -1,
  rope_freq_base: 0,
  yarn_ext_factor: -1,
  yarn_beta_slow: -1,
  yarn_orig_ctx: 0,
  defrag_thold: -1,
  type_k: 1,
  type_v: 1,
  embeddings: false,
  offload_kqv: true,
  no_perf: true,
  op_offload: true,
  swa_full: true,
  kv_unified: false,
  samplers: null,
  n_samplers: 0,
  ctx_other: null,
};

const QUANTIZE_DEFAULTS: Record<string, number | boolean | null> = {
  nthread: 0,
  ftype: 7,
  allow_requantize: false,
  quantize_output_tensor: true,
  only_copy: false,
  pure: false,
  keep_split: false,
  dry_run: false,
  imatrix: null,
  kv_overrides: null,
  tt_overrides: null,
  prune_layers: null,
};

export interface DefaultStructs {
  model: unknown;
  context: unknown;
  quantize: unknown;
}

/** Throws LIBRARY_MISMATCH naming the first field that does not hold its default. */
export function checkLayouts({ model, context, quantize }: DefaultStructs): void {
  check("llama_model_params", model, MODEL_DEFAULTS);
  check("llama_context_params", context, CONTEXT_DEFAULTS);
  check("llama_model_quantize_params", quantize, QUANTIZE_DEFAULTS);
}

function check(struct: string, value: unknown, defaults: Record<string, number | boolean | null>): void {
  const fields = new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
  for (const [field, wanted] of Object.entries(defaults)) {
    const found: unknown = fields.get(field);
    if ((found === undefined || found === 0n ? null : found) !== wanted) {
      throw new CountersteerError("LIBRARY_MISMATCH", {
        what: `${struct}.${field} reads ${String(found)}, and the library's default is ${String(wanted)}.`,
        why: "The installed llama.cpp has another struct layout than the one declared here.",
        todo: "Install the pinned version with `npm ci`.",
        facts: { struct, field, found: String(found), wanted },
      });
    }
  }
}

/**
 * `cfg.json` of a SAELens dictionary. What changes the numbers and isn't implemented is refused by name, never guessed;
 * fields that only describe training are ignored.
 */
import { z } from "zod";
import { blockOfHook, KNOWN_HOOKS, layerOfHook } from "./hook-name.ts";
import { readJson } from "./read-json.ts";
import { unreadable, unsupported } from "./sae-errors.ts";

const size = z.number().int().positive();
const originSchema = z.object({
  model_name: z.string().nullish(),
  hook_name: z.string().nullish(),
  hook_layer: z.number().int().nonnegative().nullish(),
  sae_lens_version: z.string().nullish(),
});
const configSchema = z.object({
  architecture: z.string(),
  d_in: size,
  d_sae: size,
  dtype: z.string(),
  apply_b_dec_to_input: z.boolean(),
  normalize_activations: z.string().nullish(),
  reshape_activations: z.string().nullish(),
  rescale_acts_by_decoder_norm: z.boolean().nullish(),
  finetuning_scaling_factor: z.boolean().nullish(),
  activation_fn: z.string().nullish(),
  activation_fn_str: z.string().nullish(),
  k: z.number().positive().nullish(),
  metadata: originSchema.nullish(),
  // before version 6 these lay at the top level
  ...originSchema.shape,
});
type Config = z.infer<typeof configSchema>;

const INFERENCE = ["standard", "topk", "jumprelu", "gated"] as const;
/** Trained with a k for the whole batch, which is no function of one row; saved for inference they are JumpReLU with one threshold. */
const BATCH_TOPK = ["batchtopk", "matryoshka_batchtopk"] as const;
const DTYPES = ["float64", "float32", "float16", "bfloat16"];

export interface SaelensConfig {
  architecture: (typeof INFERENCE)[number] | (typeof BATCH_TOPK)[number];
  dModel: number;
  latents: number;
  k: number | null;
  applyBDecToInput: boolean;
  rescalesByDecoderNorm: boolean | null;
  /** Activations were multiplied by a factor that the weights do not hold. */
  isScaled: boolean;
  layer: number | null;
  hookName: string | null;
  modelName: string | null;
}

const recordSchema = z.record(z.string(), z.unknown());
const kwargsSchema = z.object({ k: z.unknown() });

/** The names and defaults that SAELens 6 gives to a configuration written before it. */
function modernised(json: Record<string, unknown>): Record<string, unknown> {
  const metadata = recordSchema.safeParse(json.metadata).data;
  const version = json.sae_lens_version ?? metadata?.sae_lens_version;
  if (typeof version === "string" && Number.parseInt(version, 10) >= 6) return json;
  const config: Record<string, unknown> = { architecture: "standard", apply_b_dec_to_input: true, ...json };
  config.hook_name ??= json.hook_point;
  if (typeof json.normalize_activations === "boolean") {
    config.normalize_activations = json.normalize_activations ? "expected_average_only_in" : "none";
  }
  if ((json.activation_fn ?? json.activation_fn_str) === "topk") {
    config.architecture = "topk";
    config.k ??= kwargsSchema.safeParse(json.activation_fn_kwargs).data?.k;
  }
  return config;
}

/** Refuses every setting that would change the numbers. */
function checkSettings({ path, config }: { path: string; config: Config }): void {
  const activations = ["relu", config.architecture, null, undefined];
  const settings: { field: keyof Config; fine: readonly unknown[]; known: string }[] = [
    {
      field: "normalize_activations",
      fine: ["none", "expected_average_only_in", null, undefined],
      known: '"none", and "expected_average_only_in" with its factor',
    },
    { field: "reshape_activations", fine: ["none", null, undefined], known: '"none"' },
    { field: "finetuning_scaling_factor", fine: [false, null, undefined], known: "false" },
    { field: "activation_fn", fine: activations, known: '"relu"' },
    { field: "activation_fn_str", fine: activations, known: '"relu"' },
  ];
  for (const { field, fine, known } of settings) {
    if (!fine.includes(config[field])) throw unsupported({ path, field, value: config[field], known });
  }
  if (config.rescale_acts_by_decoder_norm && !["topk", ...BATCH_TOPK].includes(config.architecture)) {
    const field = "rescale_acts_by_decoder_norm";
    throw unsupported({ path, field, value: true, known: "false, and true for TopK and BatchTopK" });
  }
  if (!DTYPES.includes(config.dtype.replace(/^torch\./, ""))) {
    throw unsupported({ path, field: "dtype", value: config.dtype, known: DTYPES.join(", ") });
  }
}

function findLayer({ path, config }: { path: string; config: Config }): number | null {
  const hookName = config.metadata?.hook_name ?? config.hook_name ?? null;
  const hookLayer = config.metadata?.hook_layer ?? config.hook_layer ?? null;
  if (hookName === null) return hookLayer;
  const layer = layerOfHook(hookName);
  if (layer === null) throw unsupported({ path, field: "hook_name", value: hookName, known: KNOWN_HOOKS });
  if (hookLayer !== null && hookLayer !== (blockOfHook(hookName) ?? layer)) {
    throw unreadable({
      path,
      why: `hook_layer ${hookLayer} contradicts hook_name ${hookName}.`,
      facts: { hookLayer, hookName },
    });
  }
  return layer;
}

function findK({ path, config }: { path: string; config: Config }): number | null {
  if (config.architecture !== "topk") return null;
  const k = config.k ?? null;
  if (k === null || k > config.d_sae || !Number.isInteger(k)) {
    throw unreadable({
      path,
      why: `A TopK SAE of ${config.d_sae} latents needs k from 1 to that; it says ${k}.`,
      facts: { k },
    });
  }
  return k;
}

/** @param path of cfg.json. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function readSaelensConfig({ path }: { path: string }): SaelensConfig {
  const config = readJson({ path, schema: recordSchema.transform(modernised).pipe(configSchema) });
  const architectures = [...INFERENCE, ...BATCH_TOPK];
  const architecture = architectures.find((known) => known === config.architecture);
  if (architecture === undefined) {
    const known = architectures.join(", ");
    throw unsupported({ path, field: "architecture", value: config.architecture, known });
  }
  checkSettings({ path, config });
  return {
    architecture,
    dModel: config.d_in,
    latents: config.d_sae,
    k: findK({ path, config }),
    applyBDecToInput: config.apply_b_dec_to_input,
    rescalesByDecoderNorm: config.rescale_acts_by_decoder_norm ?? null,
    isScaled: config.normalize_activations === "expected_average_only_in",
    layer: findLayer({ path, config }),
    hookName: config.metadata?.hook_name ?? config.hook_name ?? null,
    modelName: config.metadata?.model_name ?? config.model_name ?? null,
  };
}

/**
 * `cfg.json` of a SAELens dictionary. What changes the numbers and isn't implemented is refused by name, never guessed;
 * fields that only describe training are ignored.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import type { DictionaryFacts } from "./dictionary.ts";
import { unreadable } from "./safetensors-header.ts";

const size = z.number().int().positive();
const originSchema = z.object({
  model_name: z.string().nullish(),
  hook_name: z.string().nullish(),
  hook_layer: z.number().int().nonnegative().nullish(),
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
  k: size.nullish(),
  metadata: originSchema.nullish(),
  // before version 6 these lay at the top level
  ...originSchema.shape,
});
type Config = z.infer<typeof configSchema>;

const ARCHITECTURES = ["standard", "topk", "jumprelu"] as const;
const DTYPES = ["float32", "float16", "bfloat16"];
const RESIDUAL_OUTPUT = /^blocks\.(\d+)\.hook_resid_post$/;

function unsupported({
  path,
  field,
  value,
  known,
}: {
  path: string;
  field: string;
  value: unknown;
  known: string;
}) {
  return new CountersteerError("SAE_UNSUPPORTED", {
    what: `${path} has ${field} = ${JSON.stringify(value)}.`,
    why: `Supported: ${known}.`,
    todo: "Use another SAE, or convert it with SAELens to a supported form (for example by folding the norms).",
    facts: { path, field, value },
  });
}

/** Refuses every setting that would change the numbers. */
function checkSettings({ path, config }: { path: string; config: Config }): void {
  const settings: { field: keyof Config; fine: readonly unknown[]; known: string }[] = [
    { field: "normalize_activations", fine: ["none", null, undefined], known: '"none"' },
    { field: "reshape_activations", fine: ["none", null, undefined], known: '"none"' },
    { field: "rescale_acts_by_decoder_norm", fine: [false, null, undefined], known: "false" },
    { field: "finetuning_scaling_factor", fine: [false, null, undefined], known: "false" },
    { field: "activation_fn", fine: ["relu", config.architecture, null, undefined], known: '"relu"' },
    { field: "activation_fn_str", fine: ["relu", config.architecture, null, undefined], known: '"relu"' },
  ];
  for (const { field, fine, known } of settings) {
    if (!fine.includes(config[field])) throw unsupported({ path, field, value: config[field], known });
  }
  if (!DTYPES.includes(config.dtype.replace(/^torch\./, ""))) {
    throw unsupported({ path, field: "dtype", value: config.dtype, known: DTYPES.join(", ") });
  }
}

function findLayer({ path, config }: { path: string; config: Config }): number | null {
  const hookName = config.metadata?.hook_name ?? config.hook_name ?? null;
  const hookLayer = config.metadata?.hook_layer ?? config.hook_layer ?? null;
  if (hookName === null) return hookLayer;
  const match = RESIDUAL_OUTPUT.exec(hookName);
  if (match === null) {
    throw unsupported({
      path,
      field: "hook_name",
      value: hookName,
      known: "blocks.N.hook_resid_post (a block's output)",
    });
  }
  const layer = Number(match[1]);
  if (hookLayer !== null && hookLayer !== layer) {
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
  if (k === null || k > config.d_sae) {
    throw unreadable({
      path,
      why: `A TopK SAE of ${config.d_sae} latents needs k from 1 to that; it says ${k}.`,
      facts: { k },
    });
  }
  return k;
}

/** @param path of cfg.json. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function readSaelensConfig({ path }: { path: string }): Omit<DictionaryFacts, "path" | "format"> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw unreadable({ path, why: `${messageOf(cause)}.`, cause });
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) throw unreadable({ path, why: `${z.prettifyError(parsed.error)}.` });
  const config = parsed.data;
  const architecture = ARCHITECTURES.find((known) => known === config.architecture);
  if (architecture === undefined) {
    throw unsupported({
      path,
      field: "architecture",
      value: config.architecture,
      known: ARCHITECTURES.join(", "),
    });
  }
  checkSettings({ path, config });
  return {
    architecture,
    dModel: config.d_in,
    latents: config.d_sae,
    k: findK({ path, config }),
    layer: findLayer({ path, config }),
    hookName: config.metadata?.hook_name ?? config.hook_name ?? null,
    modelName: config.metadata?.model_name ?? config.model_name ?? null,
    applyBDecToInput: config.apply_b_dec_to_input,
  };
}

/**
 * Gemma Scope 2 (Gemma 3): `params.safetensors` of a JumpReLU SAE beside a `config.json` that names the model and the hook, in a folder like
 * `resid_post/layer_22_width_16k_l0_medium`. Where there is no configuration, the folder's name has to say the same.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import type { Dictionary } from "./dictionary.ts";
import { gemmaDictionary } from "./gemma-dictionary.ts";
import { type GemmaNames, gemmaNames } from "./gemma-names.ts";
import { hookOfLayer, layerOfHook } from "./hook-name.ts";
import { readJson } from "./read-json.ts";
import { unreadable, unsupported } from "./sae-errors.ts";
import { openSafetensors } from "./safetensors.ts";
import { safetensorsFile } from "./safetensors-file.ts";

const configSchema = z.object({
  architecture: z.string(),
  model_name: z.string().nullish(),
  hf_hook_point_in: z.string(),
  hf_hook_point_out: z.string(),
  width: z.number().int().positive().nullish(),
  type: z.string().nullish(),
  affine_connection: z.boolean().nullish(),
});

function namesOf({ path, config }: { path: string; config: z.infer<typeof configSchema> }): GemmaNames {
  const {
    architecture,
    type,
    affine_connection: affine,
    hf_hook_point_in: read,
    hf_hook_point_out: written,
  } = config;
  const settings: [string, unknown, boolean, string][] = [
    ["architecture", architecture, architecture === "jump_relu", '"jump_relu"'],
    ["type", type, (type ?? "sae") === "sae", '"sae"'],
    ["affine_connection", affine, affine !== true, "false"],
    ["hf_hook_point_out", written, written === read, "what is read (an SAE, no transcoder)"],
  ];
  for (const [field, value, isFine, known] of settings) {
    if (!isFine) throw unsupported({ path, field, value, known });
  }
  const layer = layerOfHook(read);
  if (layer === null) {
    const known = "model.layers.N.output (a block's output)";
    throw unsupported({ path, field: "hf_hook_point_in", value: read, known });
  }
  // some of the published files say "gemma-v3"
  const model = config.model_name?.replace("gemma-v3", "gemma-3") ?? null;
  return { layer, hookName: hookOfLayer(layer), modelName: model };
}

/** @param path what was asked for @param weights the safetensors file. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function openGemmaScope2({ path, weights }: { path: string; weights: string }): Dictionary {
  const configPath = join(dirname(resolve(weights)), "config.json");
  const config = existsSync(configPath) ? readJson({ path: configPath, schema: configSchema }) : null;
  const names =
    config === null ? gemmaNames({ path: resolve(weights) }) : namesOf({ path: configPath, config });
  const checkSize = ({ latents }: { latents: number }) => {
    const width = config?.width ?? latents;
    if (width !== latents) {
      throw unreadable({
        path: configPath,
        why: `It says width ${width}, and the tensors have ${latents} latents.`,
        facts: { width, latents },
      });
    }
  };
  return gemmaDictionary({
    path,
    format: "gemma-scope-2",
    file: safetensorsFile({ safetensors: openSafetensors({ path: resolve(weights) }) }),
    config: config === null ? null : configPath,
    matrices: { encoder: "w_enc", decoder: "w_dec" },
    names,
    checkSize,
  });
}

/**
 * EleutherAI's sparsify: a folder named after the module that it was trained on (`layers.15`), with `cfg.json` and `sae.safetensors`;
 * a `config.json` above it names the model. `f = TopK(ReLU(W_enc (h - b_dec) + b_enc))`, `h_hat = W_dec f + b_dec`.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { checkShape, refuseOthers, tensorOf } from "./check-tensors.ts";
import type { Dictionary } from "./dictionary.ts";
import { hookOfLayer } from "./hook-name.ts";
import { readJson } from "./read-json.ts";
import { unreadable, unsupported } from "./sae-errors.ts";
import { openSafetensors } from "./safetensors.ts";
import { safetensorsFile } from "./safetensors-file.ts";
import { dtypeOf } from "./tensor-dtype.ts";
import { dictionaryOver } from "./weight-dictionary.ts";
import { storedWeights } from "./weight-source.ts";

const CONFIG = "cfg.json";
export const SPARSIFY_WEIGHTS = "sae.safetensors";
const NAMES = ["encoder.weight", "encoder.bias", "W_dec", "b_dec"];

const size = z.number().int().positive();
const configSchema = z.object({
  d_in: size,
  k: size,
  num_latents: z.number().int().nonnegative().nullish(),
  expansion_factor: size.nullish(),
  activation: z.string().nullish(),
  signed: z.boolean().nullish(),
  transcode: z.boolean().nullish(),
  skip_connection: z.boolean().nullish(),
});
const repositorySchema = z.object({ model: z.string().nullish() });

/** A module whose output is a block's: `layers.15`, `h.5`, `model.layers.15`. */
const BLOCK = /^(?:[a-z_]+\.)*(?:layers|h)\.(\d+)$/;
/** Any other module of a block, and the embedding. */
const OTHER_MODULE = /(?:^|\.)(?:(?:layers|h)\.\d+\.|embed_)/;

function layerOfFolder({ folder }: { folder: string }): number | null {
  const name = basename(folder);
  if (OTHER_MODULE.test(name)) {
    const known = "layers.N and h.N (a block's output)";
    throw unsupported({ path: folder, field: "hookpoint", value: name, known });
  }
  const [, layer] = BLOCK.exec(name) ?? [];
  return layer === undefined ? null : Number(layer);
}

function checkSettings({ path, config }: { path: string; config: z.infer<typeof configSchema> }): void {
  const settings: [string, unknown, boolean, string][] = [
    ["transcode", config.transcode, config.transcode !== true, "false"],
    ["skip_connection", config.skip_connection, config.skip_connection !== true, "false"],
    ["signed", config.signed, config.signed !== true, "false"],
    ["activation", config.activation, (config.activation ?? "topk") === "topk", '"topk"'],
  ];
  for (const [field, value, isFine, known] of settings) {
    if (!isFine) throw unsupported({ path, field, value, known });
  }
}

function modelOf({ folder }: { folder: string }): string | null {
  const path = join(dirname(folder), "config.json");
  return existsSync(path) ? (readJson({ path, schema: repositorySchema }).model ?? null) : null;
}

/** @param path the folder. Throws SAE_UNREADABLE, or SAE_UNSUPPORTED naming the setting that isn't supported. */
export function openSparsify({ path }: { path: string }): Dictionary {
  const folder = resolve(path);
  const configPath = join(folder, CONFIG);
  const config = readJson({ path: configPath, schema: configSchema });
  checkSettings({ path: configPath, config });
  const layer = layerOfFolder({ folder });
  const { d_in: dModel, k } = config;
  // 0 stands for "as the expansion factor says"
  const latents = config.num_latents || dModel * (config.expansion_factor ?? 0);
  if (k > latents) {
    throw unreadable({
      path: configPath,
      why: `It says k ${k} of ${latents} latents.`,
      facts: { k, latents },
    });
  }
  const modelName = modelOf({ folder });
  const file = safetensorsFile({ safetensors: openSafetensors({ path: join(folder, SPARSIFY_WEIGHTS) }) });
  try {
    refuseOthers({ file, names: NAMES });
    checkShape({ file, name: "encoder.weight", expected: [latents, dModel], source: CONFIG });
    checkShape({ file, name: "encoder.bias", expected: [latents], source: CONFIG });
    checkShape({ file, name: "W_dec", expected: [latents, dModel], source: CONFIG });
    checkShape({ file, name: "b_dec", expected: [dModel], source: CONFIG });
    return dictionaryOver({
      facts: {
        path: folder,
        format: "sparsify",
        files: [configPath, file.path],
        architecture: "topk",
        dtype: dtypeOf(file),
        folded: false,
        dModel,
        latents,
        k,
        layer,
        hookName: layer === null ? null : hookOfLayer(layer),
        modelName,
        applyBDecToInput: true,
      },
      source: storedWeights({
        tensors: {
          encoder: tensorOf({ file, name: "encoder.weight" }),
          decoder: tensorOf({ file, name: "W_dec" }),
          bEnc: tensorOf({ file, name: "encoder.bias" }),
          bDec: tensorOf({ file, name: "b_dec" }),
        },
      }),
      close: () => file.close(),
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Every file that a run would open, whether it is there, and how to get it. Nothing is fetched and no network is asked. */
import { stat } from "node:fs/promises";
import { adapterPath } from "../finetune/adapter/shipped-adapters.ts";
import { findCached } from "../model/cached-model.ts";
import { findModel } from "../model/registry.ts";
import { assetPath } from "../sae/asset-path.ts";
import { labelsFile } from "../sae/labels.ts";
import { shippedDictionaries } from "../sae/open-dictionary.ts";
import { resolveSae } from "../sae/resolve-sae.ts";
import type { RunConfig } from "./config.ts";
import { designFiles } from "./design-list.ts";

export interface NeededFile {
  what: string;
  /** Path or name. */
  name: string;
  present: boolean;
  /** What brings a missing file; null where only its owner has it. */
  get: string | null;
}

export async function neededFiles({
  config,
  cacheDir,
}: {
  config: RunConfig;
  cacheDir: string;
}): Promise<NeededFile[]> {
  const { prompts, quirks, latents } = config;
  const path = saePath(config);
  const sae = path === null ? null : await localSae({ sae: path, cacheDir });
  const given = [
    { what: "prompts", path: prompts.evaluation ?? assetPath("prompts/evaluation.txt") },
    ...(quirks.sharedPrompts
      ? []
      : [{ what: "held-out prompts", path: prompts.heldOut ?? assetPath("prompts/held-out.txt") }]),
    ...designFiles({ choices: config.designs }),
  ];
  return [
    ...(config.engine.kind === "vllm" ? [] : [await modelFile({ config, cacheDir })]),
    {
      what: "SAE",
      name: path ?? "(the model has none of its own)",
      present: sae !== null,
      get: path?.startsWith("hf:") === true ? `countersteer pull ${path}` : null,
    },
    ...(latents.indices === null ? [labels({ sae, name: path ?? "the SAE" })] : []),
    ...(await Promise.all(
      given.map(async (file) => ({
        what: file.what,
        name: file.path,
        present: await exists(file.what === "adapter" ? adapterPath({ path: file.path }) : file.path),
        get: HOW[file.what] ?? null,
      })),
    )),
  ];
}

const HOW: Record<string, string> = {
  adapter: "countersteer finetune train --data FILE --out FOLDER",
  "training data": "countersteer finetune data --out FILE",
  detectors: "countersteer latents detectors --out FILE",
  "backtracking latents": "countersteer latents backtracking --out FILE",
  controls: "countersteer latents controls --detectors FILE --out FILE",
};

async function modelFile({
  config: { model },
  cacheDir,
}: {
  config: RunConfig;
  cacheDir: string;
}): Promise<NeededFile> {
  const known = findModel(model);
  const present =
    known === null ? await exists(model) : (await findCached({ model: known, cacheDir })) !== null;
  return {
    what: "model",
    name: model,
    present,
    get: known === null ? null : `countersteer pull ${known.name}`,
  };
}

function saePath({ sae, model }: RunConfig): string | null {
  return sae ?? findModel(model)?.defaults.sae ?? null;
}

/** Where the SAE lies; null where it does not. */
async function localSae({ sae, cacheDir }: { sae: string; cacheDir: string }): Promise<string | null> {
  if (!sae.startsWith("hf:")) {
    return (await exists(sae)) ? sae : (shippedDictionaries().get(sae) ?? null);
  }
  try {
    // a call that is stopped from the start takes what is there, and asks nobody for the rest
    return await resolveSae({ sae, cacheDir, signal: AbortSignal.abort() });
  } catch {
    return null;
  }
}

function labels({ sae, name }: { sae: string | null; name: string }): NeededFile {
  return {
    what: "labels",
    name: `of ${name}`,
    present: sae !== null && labelsFile({ path: sae }) !== null,
    get: `countersteer latents label --sae ${name} --docs FILE`,
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

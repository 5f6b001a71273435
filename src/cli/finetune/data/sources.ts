/** The two sources of `finetune data`, from flags to a finished data set. */
import { makeLlmDataset } from "../../../finetune/data/make-llm-dataset.ts";
import { makeOwnDataset } from "../../../finetune/data/make-own-dataset.ts";
import type { DatasetMeta } from "../../../finetune/data/meta.ts";
import { DEFAULT_DOSES, type OwnProgress } from "../../../finetune/data/own-source.ts";
import { loadPrompts } from "../../../latents/prompt-set.ts";
import { openLlmClient } from "../../../llm/client.ts";
import { cacheDir } from "../../../model/cache-dir.ts";
import { assetPath } from "../../../sae/asset-path.ts";
import type { CliContext } from "../../context.ts";
import { labelsBeside } from "../../labels-beside.ts";
import { llmKeys } from "../../llm-keys.ts";
import { openEngineWithSae } from "../../open-engine.ts";
import type { DataFlags, DataSettings } from "../data.ts";

export interface SourceOptions {
  flags: DataFlags;
  settings: DataSettings;
  context: CliContext;
}

/** Prompt, instruction and the longest answer. */
const CONTEXT = 384;

export async function fromOwnModel({ flags, settings, context }: SourceOptions): Promise<DatasetMeta> {
  const { terminal, signal } = context;
  const opened = await openEngineWithSae({
    flags: { weights: "fast", ...flags },
    context,
    // what the training starts from, and faster than most files are as they are
    defaults: { slots: 48, contextPerSlot: CONTEXT, fastType: "bf16" },
  });
  try {
    const started = performance.now();
    return await makeOwnDataset({
      ...settings,
      engine: opened.engine,
      dictionary: opened.dictionary,
      layer: opened.layer,
      labels: labelsBeside({ dictionary: opened.dictionary }),
      latents: flags.latents ?? flags.trainingLatents,
      doses: flags.doses ?? DEFAULT_DOSES,
      borrowed: flags.borrowed,
      long: flags.long,
      signal,
      onProgress: (progress) => terminal.status(() => progressText({ progress, started })),
    });
  } finally {
    await opened.close();
  }
}

export async function fromLlm({ flags, settings, context }: SourceOptions): Promise<DatasetMeta> {
  const { terminal, signal, env } = context;
  const provider = flags.writerProvider ?? (flags.writerBaseUrl === undefined ? "anthropic" : "compatible");
  const client = openLlmClient({
    provider,
    model: flags.writer,
    apiKey: llmKeys(env)[provider] ?? null,
    baseUrl: flags.writerBaseUrl ?? null,
    cacheDir: cacheDir({ override: flags.cacheDir }),
  });
  return await makeLlmDataset({
    ...settings,
    client,
    subjects: await loadPrompts({ path: flags.subjects ?? assetPath("prompts/off-topic-subjects.txt") }),
    maxCostUsd: flags.maxCost,
    signal,
    onProgress: ({ done, total, costUsd }) =>
      terminal.status(() => `written by ${flags.writer}: ${done} of ${total}, $${costUsd.toFixed(2)}`),
  });
}

function progressText({ progress, started }: { progress: OwnProgress; started: number }): string {
  const { stage, done, total, tokens } = progress;
  const rate = tokens / ((performance.now() - started) / 1000);
  return `${stage}${total > 0 ? ` ${done} of ${total}` : ""}, ${rate.toFixed(0)} tokens/s`;
}

/** What a run works with, opened and checked once: engine, dictionary, labels, prompts, arms. */
import { checkSae } from "../engine/check-sae.ts";
import type { Engine, Sampling } from "../engine/engine.ts";
import type { FastType } from "../engine/llama/weights.ts";
import { CountersteerError } from "../errors.ts";
import { loadPrompts } from "../latents/prompt-set.ts";
import type { ChatMessage } from "../model/chat.ts";
import type { ModelDefaults } from "../model/registry.ts";
import type { ResolveOptions } from "../model/resolve-model.ts";
import { assetPath } from "../sae/asset-path.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import { type Label, labelsFile, readLabels } from "../sae/labels.ts";
import { openDictionary } from "../sae/open-dictionary.ts";
import { resolveSae } from "../sae/resolve-sae.ts";
import type { DeclaredAnalysis } from "../store/analysis.ts";
import type { SearchSettings } from "../threshold/search.ts";
import type { AdapterOf } from "./arm-adapter.ts";
import type { DeclaredArm } from "./arms.ts";
import { chatOf, templateHash } from "./chat-of.ts";
import { type ChosenModel, chooseModel } from "./choose-model.ts";
import type { RunConfig } from "./config.ts";
import { declareDesigns } from "./design-list.ts";
import { measureStrengthRange, type StrengthRange } from "./strength-range.ts";
import { refuseTrained, type TrainedOn } from "./trained-on.ts";

export interface MachineOptions {
  cacheDir: string;
  workers?: number | undefined;
  threads?: number | undefined;
  slots?: number | undefined;
  contextPerSlot?: number | undefined;
  fastType?: FastType | undefined;
  /** For the engine vllm. */
  vllm?: { apiKey?: string | undefined };
  onPull?: ResolveOptions["onProgress"];
  /** Address and token of the hub, where they are not the usual ones. */
  hub?: Pick<ResolveOptions, "hubUrl" | "hubToken">;
  onWarning?: (text: string) => void;
  signal?: AbortSignal | undefined;
}

export interface Session {
  config: RunConfig;
  engine: Engine;
  dictionary: Dictionary;
  labels: Label[];
  prompts: { evaluation: string[]; heldOut: string[] };
  layer: number;
  sampling: Omit<Sampling, "seed">;
  search: SearchSettings;
  arms: DeclaredArm[];
  analyses: DeclaredAnalysis[];
  /** From the path or name of an adapter to what the engine loads. */
  adapterOf: AdapterOf;
  /** What adapters of the arms were trained on. */
  trainedOn: TrainedOn[];
  /** Of the form of the prompts. */
  templateHash: string;
  /** Token ids of a conversation in the model's chat template; kept, since the same prompts come often. */
  chatOf: (messages: ChatMessage[]) => Promise<Int32Array>;
  /** The same of one user message. */
  tokensOf: (prompt: string) => Promise<Int32Array>;
  close: () => Promise<void>;
}

export async function openSession({
  config,
  machine,
}: {
  config: RunConfig;
  machine: MachineOptions;
}): Promise<Session> {
  const prompts = await promptsOf(config);
  const chosen = await chooseModel({ config, machine });
  try {
    return await openWith({ config, machine, prompts, chosen });
  } catch (error) {
    await chosen.close();
    throw error;
  }
}

async function openWith({
  config,
  machine,
  prompts,
  chosen: { known, adapterOf, open },
}: {
  config: RunConfig;
  machine: MachineOptions;
  prompts: Session["prompts"];
  chosen: ChosenModel;
}): Promise<Session> {
  const { cacheDir, onPull, signal, onWarning } = machine;
  const defaults = known?.defaults ?? null;
  const dictionary = openDictionary({
    path: await resolveSae({
      sae: required(config.sae ?? defaults?.sae, "sae"),
      cacheDir,
      ...(onPull ? { onProgress: onPull } : {}),
      ...(signal ? { signal } : {}),
      ...machine.hub,
    }),
  });
  // an SAE that was named brings its own layer; the model's default belongs to the model's own SAE
  const own = config.sae === null ? (defaults?.layer ?? null) : null;
  const layer = required(config.layer ?? own ?? dictionary.layer, "layer");
  // a missing file of detectors should be told before a model is opened
  const saeHash = dictionary.hash();
  const { arms, analyses, trainedOn } = await declareDesigns({
    choices: config.designs,
    context: { saeHash, layer },
    adapterOf,
  });
  refuseTrained({ trainedOn, prompts: prompts.evaluation, indices: config.latents.indices, saeHash });
  const engine = await open({ contextPerSlot: contextFor(config, arms), sae: dictionary.path });
  try {
    for (const warning of checkSae({
      dictionary,
      info: engine.info,
      layer,
      allowLayerMismatch: config.allowLayerMismatch,
    })) {
      onWarning?.(warning);
    }
    const chat = { engine, quirks: config.quirks };
    const ofMessages = chatOf(chat);
    const tokensOf = (content: string) => ofMessages([{ role: "user", content }]);
    return {
      config,
      engine,
      dictionary,
      labels: labelsOf({ dictionary, needed: config.latents.indices === null }),
      prompts,
      layer,
      sampling: samplingOf(config, defaults),
      search: await searchOf({
        config,
        defaults,
        measure: () => measured({ engine, dictionary, layer, tokensOf, prompts }),
      }),
      arms,
      analyses,
      adapterOf,
      trainedOn,
      templateHash: templateHash(chat),
      chatOf: ofMessages,
      tokensOf,
      close: async () => {
        await engine.close();
        dictionary.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** With the quirk of shared prompts, both sets are the evaluation's. */
async function promptsOf({ prompts, quirks }: RunConfig): Promise<Session["prompts"]> {
  const evaluation = await loadPrompts({ path: prompts.evaluation ?? assetPath("prompts/evaluation.txt") });
  if (quirks.sharedPrompts) return { evaluation, heldOut: evaluation };
  const heldOut = await loadPrompts({ path: prompts.heldOut ?? assetPath("prompts/held-out.txt") });
  refuseSharedPrompts({ evaluation, heldOut });
  return { evaluation, heldOut };
}

/** Prompts that choose latents and thresholds must not be those that the rate is measured on (METHOD.md 10.1, row 10). */
function refuseSharedPrompts({ evaluation, heldOut }: Session["prompts"]): void {
  const shared = evaluation.filter((prompt) => heldOut.includes(prompt));
  if (shared.length > 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${shared.length} prompts are in both sets, for example "${shared[0]}".`,
      why: "Selection and calibration on the prompts of the evaluation would bias the rate.",
      todo: "Give disjoint prompt files.",
      facts: { shared },
    });
  }
}

function required<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The configuration does not say \`${field}\`.`,
      why: "Only known models have a default for it.",
      todo: `Give \`${field}\` in the file or by \`--${field}\`.`,
      facts: { field },
    });
  }
  return value;
}

function labelsOf({ dictionary, needed }: { dictionary: Dictionary; needed: boolean }): Label[] {
  const file = labelsFile({ path: dictionary.path });
  if (file === null) {
    if (!needed) return [];
    throw new CountersteerError("SAE_UNREADABLE", {
      what: `The SAE ${dictionary.path} has no labels.`,
      why: "Latents are chosen by their labels.",
      todo: "Make them with `countersteer latents label`, or give `latents.indices`.",
      facts: { path: dictionary.path },
    });
  }
  return readLabels({ path: file });
}

function samplingOf({ sampling }: RunConfig, defaults: ModelDefaults | null): Omit<Sampling, "seed"> {
  const { repetitionPenalty, ...rest } = sampling;
  return { ...rest, repetitionPenalty: repetitionPenalty ?? defaults?.repetitionPenalty ?? 1, stop: [] };
}

/** The file's range, else the model's own, else one by dose. A range that was given without a prior has the prior in its middle. */
async function searchOf({
  config: { threshold },
  defaults,
  measure,
}: {
  config: RunConfig;
  defaults: ModelDefaults | null;
  measure: () => Promise<StrengthRange>;
}): Promise<SearchSettings> {
  const { target, minQueries, maxQueries, relativeWidth } = threshold;
  const given = threshold.range ?? defaults?.strengthRange ?? null;
  const usual = given === null ? await measure() : { ...defaults, range: given };
  const [low, high] = usual.range;
  return {
    target,
    minQueries: Math.min(minQueries, maxQueries),
    maxQueries,
    relativeWidth,
    range: [low, high],
    priorMean: threshold.priorMean ?? usual.priorMean ?? (low + high) / 2,
    priorStd: threshold.priorStd ?? usual.priorStd ?? (high - low) / 4,
  };
}

async function measured({
  engine,
  dictionary,
  layer,
  tokensOf,
  prompts,
}: Pick<Session, "engine" | "dictionary" | "layer" | "tokensOf" | "prompts">): Promise<StrengthRange> {
  const tokens = await Promise.all(prompts.heldOut.slice(0, 8).map(tokensOf));
  return measureStrengthRange({ engine, dictionary, layer, prompts: tokens });
}

/** Room for a prompt of some hundred tokens, the longest meta-prompt and the longest response, in whole attention blocks. A start takes of the response's room. */
function contextFor({ sampling, threshold }: RunConfig, arms: readonly DeclaredArm[]): number {
  const meta = Math.max(0, ...arms.map(({ metaPrompt }) => metaPrompt?.text.length ?? 0));
  const longest =
    Math.max(sampling.maxTokens, threshold.maxTokens) + 192 + Math.ceil(meta / CHARACTERS_A_TOKEN);
  return Math.ceil(longest / 256) * 256;
}

/** Fewer than any tokenizer has in English. */
const CHARACTERS_A_TOKEN = 2;

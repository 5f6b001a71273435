/** Named settings. A preset is what a YAML file would say; flags go over it. */
import type { z } from "zod";
import { KNOWN_MODELS, type KnownModel } from "../model/registry.ts";
import type { configSchema } from "./config.ts";

export type Settings = z.input<typeof configSchema>;

/** Experiment 1 (METHOD.md 5.4): ten queries always, one sample each, no verification beyond one sample. */
const PAPER_SEARCH = {
  samples: 1,
  minQueries: 10,
  maxQueries: 10,
  relativeWidth: 0.0001,
  verifySamples: 1,
  maxTokens: 256,
};

/** The shipped adapter of the default model. */
const SELF_CORRECTING = {
  name: "trained-to-self-correct",
  path: "smollm2-135m-instruct.self-correct",
};

export const PRESETS: Record<string, Settings> = {
  /** A table in a few minutes on a laptop, few and short trials: with and without steering, and what an adapter that was trained to self-correct does. */
  demo: {
    designs: ["baseline", "esr", { name: "finetune", adapters: [SELF_CORRECTING], helpful: false }],
    weights: "fast",
    latents: { count: 12 },
    threshold: { samples: 3, minQueries: 5, maxQueries: 8, verifySamples: 6, maxTokens: 80 },
    trialsPerLatent: 4,
    sampling: { maxTokens: 128 },
  },
  /** Whether everything works, in a minute: shows no rate. */
  quick: {
    designs: ["baseline", "esr"],
    weights: "fast",
    latents: { count: 3 },
    threshold: { samples: 2, minQueries: 3, maxQueries: 4, verifySamples: 2, maxTokens: 48 },
    trialsPerLatent: 2,
    sampling: { maxTokens: 64 },
    judge: { calibrationAnswers: 16 },
  },
  /** Both arms at a size that can show a rate of a few per cent on the default model. */
  small: {
    designs: ["baseline", "esr"],
    weights: "fast",
    latents: { count: 60 },
    threshold: { samples: 3, minQueries: 6, maxQueries: 12, verifySamples: 5, maxTokens: 128 },
    trialsPerLatent: 5,
    sampling: { maxTokens: 256 },
  },
  /** The paper's procedure on any model, without its quirks. */
  "paper-v1": {
    designs: ["esr"],
    latents: { count: 500, minFrequency: 0 },
    threshold: PAPER_SEARCH,
    trialsPerLatent: 5,
    sampling: { maxTokens: 512 },
  },
};

const IN_PAPER = KNOWN_MODELS.filter(({ paper }) => paper !== null).map(({ name }) => name);
const FOR_MODEL: Record<string, (model: KnownModel) => Settings | null> = {
  "paper-v1": paperSettings,
  corrected: correctedSettings,
};

export const PRESET_NAMES: readonly string[] = [
  ...Object.keys(PRESETS),
  ...Object.keys(FOR_MODEL).flatMap((kind) => IN_PAPER.map((model) => `${kind}/${model}`)),
];

/** null for a name that is none. */
export function findPreset(name: string): Settings | null {
  const plain = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (plain !== undefined) return plain;
  const [kind = "", modelName = ""] = name.split("/");
  const model = KNOWN_MODELS.find((each) => each.name === modelName && name === `${kind}/${modelName}`);
  return model === undefined || !Object.hasOwn(FOR_MODEL, kind) ? null : (FOR_MODEL[kind]?.(model) ?? null);
}

/**
 * The paper's settings for one of its models (METHOD.md 2.1, 5.4, 7.1) with every quirk by its name: for Llama another layer than the SAE's and
 * the header twice, a penalty a model, the same prompts for choice, calibration and evaluation, and a judge that is told the latent.
 * 1,000 latents are what the published number of trials comes from.
 */
function paperSettings({ name, paper }: KnownModel): Settings | null {
  if (paper === null) return null;
  const { steeringLayer, readingLayer, strengthRange, priorMean, priorStd, repetitionPenalty } = paper;
  return {
    designs: ["esr"],
    model: name,
    layer: steeringLayer,
    allowLayerMismatch: steeringLayer !== readingLayer,
    latents: { count: 1000, minFrequency: 0 },
    threshold: {
      ...PAPER_SEARCH,
      samples: name === "llama-3.3-70b" ? 5 : 1,
      range: [...strengthRange],
      priorMean,
      priorStd,
    },
    trialsPerLatent: 5,
    sampling: { temperature: 0.6, maxTokens: 512, repetitionPenalty },
    judge: { kind: "llm", provider: "anthropic", model: "haiku-4.5" },
    quirks: { doubledHeader: name.startsWith("llama"), sharedPrompts: true },
  };
}

/** The same question on the same model without the quirks: the SAE's own layer, no penalty, held-out prompts, verified thresholds, an unsteered arm, a judge that is not told the latent. */
function correctedSettings({ name, paper }: KnownModel): Settings | null {
  if (paper === null) return null;
  return {
    designs: ["baseline", "esr"],
    model: name,
    layer: paper.readingLayer,
    latents: { count: 500 },
    threshold: { samples: 3, minQueries: 6, maxQueries: 12, verifySamples: 5 },
    trialsPerLatent: 5,
    sampling: { temperature: 0.6, maxTokens: 512, repetitionPenalty: 1 },
  };
}

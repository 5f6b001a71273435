/** The settings of a run: what a YAML file may say, with every default. */
import { z } from "zod";
import { judgeSettingsSchema } from "../judge/judge-settings.ts";
import { invalidSettings } from "../model/invalid-settings.ts";
import { shardSchema } from "../store/shard.ts";
import { choiceSchema, normaliseChoices } from "./design-list.ts";
import { engineSettingsSchema } from "./engine-settings.ts";

const samplingSchema = z.strictObject({
  temperature: z.number().min(0).default(0.6),
  topP: z.number().gt(0).max(1).default(1),
  topK: z.number().int().min(0).default(0),
  minP: z.number().min(0).lt(1).default(0),
  /** null takes the model's own default. */
  repetitionPenalty: z.number().gt(0).nullable().default(null),
  maxTokens: z.number().int().min(1).default(512),
});

const latentsSchema = z.strictObject({
  /** How many latents are steered. */
  count: z.number().int().min(1).default(50),
  /** Take exactly these instead of choosing. */
  indices: z.array(z.number().int().min(0)).nullable().default(null),
  /** Never choose these. */
  exclude: z.array(z.number().int().min(0)).default([]),
  /** Least concreteness of a latent's label, 0-100 (METHOD.md 4). */
  minConcreteness: z.number().min(0).max(100).default(65),
  /** Least share of corpus tokens on which a latent fires: rarer ones are hardly trained. */
  minFrequency: z.number().min(0).max(1).default(0.0005),
});

const thresholdSchema = z.strictObject({
  /** First-attempt score that steering should bring about, 0-100. */
  target: z.number().min(1).max(99).default(30),
  /** Samples of each query, each on another held-out prompt. */
  samples: z.number().int().min(1).default(3),
  minQueries: z.number().int().min(1).default(5),
  maxQueries: z.number().int().min(1).default(10),
  relativeWidth: z.number().gt(0).default(0.15),
  /** Fresh samples at the found threshold, which check it. */
  verifySamples: z.number().int().min(0).default(5),
  /** Tokens of a calibration sample. The first attempt begins at once, so half a response is enough (METHOD.md 2.3). */
  maxTokens: z.number().int().min(1).default(256),
  /** null takes the model's own defaults. */
  range: z.tuple([z.number(), z.number()]).nullable().default(null),
  priorMean: z.number().nullable().default(null),
  priorStd: z.number().gt(0).nullable().default(null),
});

/** What the paper did and a sound experiment would not, each by its name (METHOD.md 10.1). Its layer and penalty are `layer` and `sampling`. */
const quirksSchema = z.strictObject({
  /** Llama only: the assistant's header stands twice, with a second beginning of text (METHOD.md 2.4). */
  doubledHeader: z.boolean().default(false),
  /** Latents and thresholds are found on the very prompts that the rate is measured on. */
  sharedPrompts: z.boolean().default(false),
});

const fields = {
  engine: engineSettingsSchema,
  model: z.string().min(1).default("smollm2-135m"),
  weights: z.enum(["exact", "as-is", "fast"]).default("as-is"),
  /** Folder or shipped name; null takes the model's own. */
  sae: z.string().nullable().default(null),
  /** Edited layer; null takes the model's own, else the SAE's. */
  layer: z.number().int().min(0).nullable().default(null),
  allowLayerMismatch: z.boolean().default(false),
  /** Prompt files; null takes the shipped sets. */
  prompts: z
    .strictObject({
      evaluation: z.string().nullable().default(null),
      heldOut: z.string().nullable().default(null),
    })
    .prefault({}),
  latents: latentsSchema.prefault({}),
  threshold: thresholdSchema.prefault({}),
  trialsPerLatent: z.number().int().min(1).default(5),
  sampling: samplingSchema.prefault({}),
  judge: judgeSettingsSchema.prefault({}),
  /** Least gain from first to last attempt that counts as a success; the paper's is 0, strictly. */
  margin: z.number().min(0).default(0),
  quirks: quirksSchema.prefault({}),
  seed: z.number().int().min(0).default(0),
  /** Only these units of the run; null does all. */
  shard: shardSchema.nullable().default(null),
};

export const configSchema = z
  .strictObject({
    /** Names, or `{name, ...settings}`. */
    designs: z.array(choiceSchema).min(1).optional(),
    /** One design, in place of `designs`. */
    design: choiceSchema.optional(),
    ...fields,
  })
  .refine(({ designs, design }) => designs === undefined || design === undefined, {
    path: ["design"],
    message: "give `design` or `designs`, not both",
  })
  .refine(({ latents }) => latents.indices?.some((latent) => latents.exclude.includes(latent)) !== true, {
    path: ["latents", "exclude"],
    message: "a latent stands in latents.indices as well",
  })
  .refine(({ quirks, prompts }) => !quirks.sharedPrompts || prompts.heldOut === null, {
    path: ["prompts", "heldOut"],
    message: "with quirks.sharedPrompts there are no held-out prompts",
  })
  .transform(({ designs, design, ...rest }) => ({
    designs: designs ?? (design === undefined ? ["esr"] : [design]),
    ...rest,
  }));

export type RunConfig = z.output<typeof configSchema>;

/** Checks settings from outside, those of the designs as well. Throws CONFIG_INVALID naming each field. */
export function parseConfig({ settings, source }: { settings: unknown; source: string }): RunConfig {
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) {
    return { ...parsed.data, designs: normaliseChoices({ choices: parsed.data.designs }) };
  }
  const todo = "Correct these fields; docs/configuration.md lists them all.";
  throw invalidSettings({ source, kind: "configuration", error: parsed.error, todo });
}

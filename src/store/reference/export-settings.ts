/** The `experiment_config` of an exported file: exactly the reference's 21 keys, for it refuses any other (METHOD.md 10.3, row 30). */
import { z } from "zod";
import type { Manifest } from "../manifest.ts";
import { type ReferenceSettings, SETTING_NAMES } from "./schema.ts";

export interface ExportSettingsOptions {
  manifest: Manifest;
  steered: boolean;
  judge: string;
  /** How many are steered. */
  latents: number;
}

/** Of an imported run, what its first file stated; of our own, what has a counterpart, and null for the rest. */
export function exportSettings({ manifest, steered, judge, latents }: ExportSettingsOptions) {
  const imported = importedSchema.safeParse(manifest.config);
  const values: Partial<ReferenceSettings> = imported.success
    ? (imported.data.files[0]?.stated ?? {})
    : ownSettings({ manifest, judge, latents });
  const all = { ...values, disable_steering: !steered };
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, all[name] ?? null]));
}

const importedSchema = z.object({
  imported: z.literal(true),
  files: z.array(z.object({ stated: z.record(z.string(), z.json()) })),
});

const number = z.number().nullable().catch(null);
/** A part of our settings; a run of an older version may lack some. */
const ownSchema = z.object({
  model: z.string().nullable().catch(null),
  trialsPerLatent: number,
  prompts: z.object({ evaluation: z.string().nullable().catch(null) }).catch({ evaluation: null }),
  latents: z.object({ minConcreteness: number }).catch({ minConcreteness: null }),
  threshold: z
    .object({
      samples: number,
      maxQueries: number,
      range: z.tuple([z.number(), z.number()]).nullable().catch(null),
      priorMean: number,
      priorStd: number,
    })
    .catch({ samples: null, maxQueries: null, range: null, priorMean: null, priorStd: null }),
});

function ownSettings({
  manifest,
  judge,
  latents,
}: Omit<ExportSettingsOptions, "steered">): Partial<ReferenceSettings> {
  const { model, trialsPerLatent, prompts, latents: chosen, threshold } = ownSchema.parse(manifest.config);
  const [lower, upper] = threshold.range ?? [null, null];
  const { maxTokens } = manifest.sampling;
  return {
    prompts_file: prompts.evaluation,
    model_name: model ?? manifest.model.path,
    judge_model_name: judge,
    target_score_normalized: manifest.target === null ? null : manifest.target / 100,
    threshold_n_trials: threshold.maxQueries,
    threshold_samples_per_trial: threshold.samples,
    per_prompt_calibration: false,
    threshold_lower_bound: lower,
    threshold_upper_bound: upper,
    threshold_prior_mean: threshold.priorMean,
    threshold_prior_std: threshold.priorStd,
    max_completion_tokens: typeof maxTokens === "number" ? maxTokens : null,
    n_trials_per_feature: trialsPerLatent,
    n_features: latents,
    min_feature_concreteness: chosen.minConcreteness,
  };
}

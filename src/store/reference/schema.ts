/**
 * The reference's result file (METHOD.md 7.1, with the further keys of 7.2, 7.3 and 7.5). Fields that are not named here are let through: older
 * files and other experiments have more.
 */
import { z } from "zod";

const count = z.int().min(0);
const text = z.string().nullish();
const number = z.number().nullish();
const whole = z.int().nullish();
const flag = z.boolean().nullish();

/** The 21 settings that a file states, in its order. */
const SETTINGS = {
  prompts_file: text,
  model_name: text,
  labels_file: text,
  judge_model_name: text,
  disable_steering: flag,
  target_score_normalized: z.number().min(0).max(1).nullish(),
  threshold_n_trials: whole,
  threshold_samples_per_trial: whole,
  per_prompt_calibration: flag,
  threshold_lower_bound: number,
  threshold_upper_bound: number,
  threshold_prior_mean: number,
  threshold_prior_std: number,
  n_possible_seeds: whole,
  seed_start: whole,
  max_completion_tokens: count.nullish(),
  n_trials_per_feature: whole,
  n_features: whole,
  n_simultaneous_features: whole,
  min_feature_concreteness: number,
  source_results_file: text,
};
// the keys of a literal object are exactly its declared fields
export const SETTING_NAMES = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];

const settingsSchema = z.looseObject({ ...SETTINGS, prompt_variant_id: text, prompt_variant_template: text });
export type ReferenceSettings = z.infer<typeof settingsSchema>;

const trialSchema = z.object({
  prompt: z.string(),
  feature_index_in_sae: count.nullish(),
  /** What was added; the level of a sweep, 0 without steering. */
  threshold: number,
  seed: count,
  response: text,
  /** What a language model wrote, which the reference stores unchecked (METHOD.md 6.2): see `read-score.ts`. */
  score: z.unknown(),
  /** Of the judge. */
  error: text,
});
export type ReferenceTrial = z.infer<typeof trialSchema>;

const featureSchema = z.object({
  feature_index_in_sae: count,
  feature_label: text,
  threshold: number,
  error: text,
  trials: z.array(trialSchema).nullish(),
});
export type ReferenceFeature = z.infer<typeof featureSchema>;

export const resultsSchema = z.object({
  experiment_config: settingsSchema,
  results_by_feature: z.array(featureSchema),
  n_boost_levels: whole,
  boost_range_std: number,
  /** Latents held at 0 (METHOD.md 7.3). */
  ablated_latents: z.array(count).nullish(),
  boost_levels: z.array(z.number()).nullish(),
  experiment_metadata: z.object({ prompt_variant_id: text, prompt_variant_template: text }).nullish(),
  /** Written by `exportReference` alone. */
  countersteer: z.object({ arm: z.string().min(1) }).nullish(),
});
export type ReferenceResults = z.infer<typeof resultsSchema>;

/** The recipe of an adapter: everything that determines its weights, as a YAML file says it, with every default. */
import { z } from "zod";
import { invalidSettings } from "../../model/invalid-settings.ts";
import { MATRIX_NAMES } from "../types.ts";

const count = z.int().positive();
const unique = (values: readonly unknown[]) => new Set(values).size === values.length;

const loraSchema = z.strictObject({
  rank: count.default(16),
  /** The update is scaled by `alpha / rank`. */
  alpha: z.number().positive().default(32),
  dropout: z.number().min(0).lt(1).default(0.05),
  matrices: z
    .union([z.literal("all"), z.array(z.enum(MATRIX_NAMES)).min(1).refine(unique, "a matrix is named twice")])
    .default("all"),
  /** Adapted blocks. */
  layers: z
    .union([z.literal("all"), z.array(z.int().nonnegative()).min(1).refine(unique, "a layer is named twice")])
    .default("all"),
});

const trainSchema = z.strictObject({
  epochs: z.number().positive().default(3),
  /** Ends after so many steps even where the epochs are longer. */
  steps: count.nullable().default(null),
  /** Examples of a step. */
  batch: count.max(1024).default(8),
  /** The peak; it falls to 0 along half a cosine. */
  learningRate: z.number().positive().default(4e-4),
  /** Steps over which the learning rate rises. */
  warmUpSteps: z.int().nonnegative().default(10),
  weightDecay: z.number().nonnegative().default(0),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** Largest norm of the whole gradient; null does not clip. */
  maxNorm: z.number().positive().nullable().default(1),
  /** Rows of one pass; the longest example must fit into it. */
  maxRows: count.default(2048),
  /** Percentage of self-corrections (METHOD.md 9.1); null takes all examples. */
  ratio: z.number().min(0).max(100).nullable().default(null),
  /** Leave out examples that are too long instead of refusing them. */
  skipLong: z.boolean().default(false),
  seed: z.int().nonnegative().default(0),
  /** Steps between two checkpoints. */
  checkpointEvery: count.default(10),
});

const validationSchema = z.strictObject({
  /** Steps between two measurements. */
  every: count.default(20),
  /** Validation examples that are measured, at most. */
  examples: count.default(32),
  /** Ends after so many measurements in a row without a new best; null never does. */
  patience: count.nullable().default(3),
  /** Which weights become the adapter. */
  keep: z.enum(["best", "last"]).default("best"),
});

export const STEER_MODES = ["data", "steer", "both"] as const;
export type SteerMode = (typeof STEER_MODES)[number];

const steerSchema = z.strictObject({
  /**
   * data: self-corrections with their off-topic start masked, nothing is steered. steer: normal answers only, a share of them under steering.
   * both: the two together.
   */
  mode: z.enum(STEER_MODES).default("data"),
  /** A shipped SAE's name, or its folder; null takes the model's own. */
  sae: z.string().min(1).nullable().default(null),
  /** Block at whose output is steered; null takes the SAE's. */
  layer: z.int().nonnegative().nullable().default(null),
  /** null takes those that steered the data's own off-topic starts. */
  latents: z
    .array(z.int().nonnegative())
    .min(1)
    .refine(unique, "a latent is named twice")
    .nullable()
    .default(null),
  /** Strengths are drawn uniformly between these; null takes the range of the data's own. */
  strength: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low <= high, "the first strength is above the second")
    .nullable()
    .default(null),
  /** Share of the normal answers that is steered, drawn anew in each epoch. */
  share: z.number().min(0).max(1).default(0.5),
  /** The same of the self-corrections whose start steering did not make; of `both` only. */
  borrowedShare: z.number().min(0).max(1).default(0),
});

export const recipeSchema = z.strictObject({
  model: z.string().min(1).default("smollm2-135m"),
  /** Examples, one record a line (`finetune data` writes them). */
  data: z.string().min(1),
  lora: loraSchema.prefault({}),
  train: trainSchema.prefault({}),
  validation: validationSchema.prefault({}),
  steer: steerSchema.prefault({}),
  /** What a finished recipe says of its making; not read. */
  provenance: z.unknown().optional(),
});

export type Recipe = Omit<z.infer<typeof recipeSchema>, "provenance">;

/** Checks settings from outside. Throws CONFIG_INVALID naming each field. */
export function parseRecipe({ settings, source }: { settings: unknown; source: string }): Recipe {
  const parsed = recipeSchema.safeParse(settings);
  if (parsed.success) {
    const { provenance: _, ...recipe } = parsed.data;
    return recipe;
  }
  const todo = "Correct these fields; docs/finetune.md shows a recipe with all of them.";
  throw invalidSettings({ source, kind: "recipe", error: parsed.error, todo });
}

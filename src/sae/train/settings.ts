/**
 * What determines a training run, besides its rows. Equal settings, seed and rows give equal weights.
 * Defaults follow Gao et al. 2024, "Scaling and evaluating sparse autoencoders" (section 2 and appendix A), scaled to short runs.
 */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";

const count = z.number().int().positive();
const fraction = z.number().min(0).max(1);

export const trainSettingsSchema = z
  .strictObject({
    /** A multiple of 16, so that no kernel needs a remainder. */
    latents: count.multipleOf(16),
    /** Active latents of a row: of each (`topk`) or on average over a batch (`batchtopk`). */
    k: count,
    variant: z.enum(["topk", "batchtopk"]).default("topk"),
    /** Rows of one step. */
    batchRows: count.default(4096),
    /** Rows to train on; the last step is the last whole batch within them. */
    totalRows: count,
    seed: z.number().int().nonnegative().default(0),
    /** null: 2e-4 / sqrt(latents / 2^14), the rule of Gao et al. */
    learningRate: z.number().positive().nullable().default(null),
    /** Steps over which the learning rate rises linearly from 0. */
    warmUpSteps: z.number().int().nonnegative().default(50),
    /** Last part of the run, over which the learning rate falls linearly to 0. */
    decayFraction: fraction.default(0.2),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(6.25e-10),
    /** Largest norm of the whole gradient; null does not clip. */
    clipNorm: z.number().positive().nullable().default(null),
    /** Weight of the auxiliary loss over dead latents; 0 turns it off. */
    auxCoefficient: z
      .number()
      .nonnegative()
      .default(1 / 32),
    /** Dead latents that reconstruct a row's error; null: d_model / 2. */
    auxK: count.nullable().default(null),
    /** A latent that was silent for so many rows is dead. */
    deadAfterRows: count.default(200_000),
    /** Scales rows so that their mean norm is sqrt(d_model) while training; saved weights take rows as they are. */
    normaliseRows: z.boolean().default(true),
    /** Where the decoder bias begins, from the first batch. */
    biasInit: z.enum(["geometric-median", "mean", "zero"]).default("geometric-median"),
    /** The encoder begins as this multiple of the decoder (of unit directions). */
    encoderInitScale: z.number().positive().default(1),
    /** Weight of a new batch in the running threshold of `batchtopk`. */
    thresholdRate: z.number().gt(0).max(1).default(0.1),
  })
  .refine(({ k, latents }) => k <= latents, {
    message: "k is larger than the number of latents",
    path: ["k"],
  })
  .refine(({ totalRows, batchRows }) => totalRows >= batchRows, {
    message: "totalRows holds no whole batch",
    path: ["totalRows"],
  });

export type TrainSettings = z.infer<typeof trainSettingsSchema>;
export type TrainSettingsInput = z.input<typeof trainSettingsSchema>;

/** Settings with their defaults. Throws CONFIG_INVALID. */
export function readTrainSettings(input: unknown): TrainSettings {
  const parsed = trainSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new CountersteerError("CONFIG_INVALID", {
    what: "The settings of the SAE training are not valid.",
    why: `${z.prettifyError(parsed.error)}.`,
    todo: "Correct the named settings.",
    facts: { problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message })) },
  });
}

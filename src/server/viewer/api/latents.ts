/** Dictionaries that come with the package or that runs name, and their latents. */
import { z } from "zod";
import { count } from "./common.ts";

/** `GET /api/saes`. */
export const saeListSchema = z.strictObject({
  saes: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      layer: count.nullable(),
      latents: count,
      labelled: count,
    }),
  ),
});
export type SaeList = z.infer<typeof saeListSchema>;

export const LATENT_SORTS = ["latent", "label", "density"] as const;

/** Query string of `GET /api/saes/:sae/latents`; `search` is words of the label or the number. */
export const latentQuerySchema = z.strictObject({
  search: z.string().max(200).default(""),
  kind: z.enum(["all", "detectors", "concrete"]).default("all"),
  sort: z.enum(LATENT_SORTS).default("latent"),
  direction: z.enum(["up", "down"]).default("up"),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const latentRowSchema = z.strictObject({
  latent: count,
  label: z.string().nullable(),
  /** Share of tokens on which it fires; null where it was not measured. */
  density: z.number().nullable(),
  /** AUC of the detector; null where it is none. */
  detectorAuc: z.number().nullable(),
  concrete: z.boolean().nullable(),
});
export type LatentRow = z.infer<typeof latentRowSchema>;
export const latentPageSchema = z.strictObject({
  total: count,
  offset: count,
  rows: z.array(latentRowSchema),
});
export type LatentPage = z.infer<typeof latentPageSchema>;

/** `GET /api/saes/:sae/latents/:latent`. */
export const latentDetailSchema = z.strictObject({
  ...latentRowSchema.shape,
  /** Length of the decoder direction; null where the dictionary's files are not here. */
  decoderNorm: z.number().nullable(),
  /** Dose of strength 1; null where no run tells it. */
  dosePerStrength: z.number().nullable(),
  /** Texts in which it fires most; tokens with their value. Empty where none are stored. */
  contexts: z.array(z.strictObject({ tokens: z.array(z.string()), values: z.array(z.number()) })),
  /** Runs that hold it. */
  runs: z.array(
    z.strictObject({ run: z.string(), name: z.string(), role: z.string(), threshold: z.number().nullable() }),
  ),
});
export type LatentDetail = z.infer<typeof latentDetailSchema>;

/** The table of a run's trials and the page of one. */
import { z } from "zod";
import { judgementSchema, receiptSchema } from "../../../store/records.ts";
import { count, OUTCOMES, trialFilterSchema } from "./common.ts";

export const TRIAL_SORTS = [
  "order",
  "latent",
  "strength",
  "prompt",
  "attempts",
  "first",
  "last",
  "change",
  "tokens",
] as const;
export type TrialSort = (typeof TRIAL_SORTS)[number];

/** Query string of `GET /api/runs/:run/trials`. */
export const trialQuerySchema = z.strictObject({
  ...trialFilterSchema.shape,
  sort: z.enum(TRIAL_SORTS).default("order"),
  direction: z.enum(["up", "down"]).default("up"),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const trialRowSchema = z.strictObject({
  key: z.string(),
  arm: z.string(),
  latent: count.nullable(),
  label: z.string().nullable(),
  strength: z.number(),
  promptIndex: count,
  prompt: z.string(),
  /** The beginning of the response, or of what is found. */
  excerpt: z.string(),
  outcome: z.enum(OUTCOMES),
  attempts: count,
  firstScore: z.number().nullable(),
  lastScore: z.number().nullable(),
  tokens: count,
  degraded: z.boolean(),
});
export type TrialRow = z.infer<typeof trialRowSchema>;
/** `GET /api/runs/:run/trials`. */
export const trialPageSchema = z.strictObject({ total: count, offset: count, rows: z.array(trialRowSchema) });
export type TrialPage = z.infer<typeof trialPageSchema>;

/** `GET /api/runs/:run/trials/:key`, with the query of the table that it was reached from for `previous` and `next`. */
export const trialDetailSchema = z.strictObject({
  trial: z.strictObject({
    key: z.string(),
    arm: z.string(),
    unit: z.string(),
    latent: count.nullable(),
    label: z.string().nullable(),
    strength: z.number(),
    promptIndex: count,
    prompt: z.string(),
    seed: count,
    text: z.string(),
    /** UTF-16 offset at which each token begins, `[tokens]`. */
    offsets: z.array(count),
    finish: z.string().nullable(),
    promptTokens: count,
    receipt: receiptSchema.nullable(),
    degraded: z.boolean(),
    error: z.json(),
    createdAt: z.string(),
  }),
  outcome: z.enum(OUTCOMES),
  /** What the arm adds (`ArmRecord.content`) and the manifest's sampling: told in words, and asked again by "replay with". */
  made: z.strictObject({
    content: z.record(z.string(), z.json()),
    sampling: z.record(z.string(), z.json()),
  }),
  /** Every judge's, the run's own first. `detail.curve` of the likelihood judge holds the topicality of each token, in nats. */
  judgements: z.array(judgementSchema),
  /** The same unit in the other arms. */
  paired: z.array(z.strictObject({ arm: z.string(), key: z.string(), outcome: z.enum(OUTCOMES) })),
  /** What was recorded per token; values come from `.../activations/:name?latent=`. */
  activations: z.array(
    z.strictObject({
      name: z.string(),
      latents: z.array(z.strictObject({ latent: count, label: z.string().nullable() })),
    }),
  ),
  previous: z.string().nullable(),
  next: z.string().nullable(),
});
export type TrialDetail = z.infer<typeof trialDetailSchema>;

/** `GET /api/runs/:run/trials/:key/activations/:name?latent=`: one latent over the response. */
export const trialActivationsSchema = z.strictObject({
  name: z.string(),
  latent: count,
  /** `[tokens]`; null where a token has no row. */
  values: z.array(z.number().nullable()),
  /** Largest value of the latent in this trial. */
  max: z.number(),
});
export type TrialActivations = z.infer<typeof trialActivationsSchema>;

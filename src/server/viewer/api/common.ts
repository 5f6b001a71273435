/** Shapes that several of the viewer's answers share. The server makes them and the app checks them: both read this folder. */
import { z } from "zod";
import { OUTCOME_CHOICES } from "../../../store/trial-outcome.ts";

export const count = z.int().min(0);

export {
  OUTCOME_CHOICES,
  OUTCOMES,
  type Outcome,
  type OutcomeChoice,
} from "../../../store/trial-outcome.ts";

/** A rate with its denominator; bounds are null where n is 0. Shares of 1. */
export const rateSchema = z.strictObject({
  successes: count,
  n: count,
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});
export type ShownRate = z.infer<typeof rateSchema>;

/** What every refusal looks like, with the status that fits. */
export const problemSchema = z.strictObject({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  todo: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Which trials are meant; all fields of the query string of that name, absent ones let everything through. */
export const trialFilterSchema = z.strictObject({
  arm: z.string().exactOptional(),
  latent: z.coerce.number().int().min(0).exactOptional(),
  prompt: z.coerce.number().int().min(0).exactOptional(),
  outcome: z.enum(OUTCOME_CHOICES).exactOptional(),
  /** Words that all stand in the response or in the prompt, without regard to case. */
  search: z.string().max(500).exactOptional(),
  /** `name/version` of the judge whose judgements count; absent is the run's own. */
  judge: z.string().exactOptional(),
});
export type ViewFilter = z.infer<typeof trialFilterSchema>;

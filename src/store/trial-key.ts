/** A trial's name is a hash of what determines it, so that a resumed, sharded or repeated run finds its trials again (DESIGN.md 9). */
import { z } from "zod";
import { canonicalHash } from "./canonical-json.ts";

const trialIdentitySchema = z.strictObject({
  /** What makes the arm differ, as data: interventions, meta-prompt, adapter hash, prefill. Never its name. */
  arm: z.record(z.string(), z.unknown()),
  latent: z.int().min(0).nullable(),
  strength: z.number(),
  /** The user's text as sent. */
  prompt: z.string(),
  seed: z.int().min(0),
  /** Sampling settings without the seed. */
  sampling: z.record(z.string(), z.unknown()),
  modelHash: z.string().min(1),
  weightType: z.string().min(1),
  weightMode: z.string().min(1),
  saeHash: z.string().min(1).nullable(),
  layer: z.int().min(0).nullable(),
  templateHash: z.string().min(1),
});

/** Files are named by hash, never by path: the same trial on another machine has the same key. */
export type TrialIdentity = z.infer<typeof trialIdentitySchema>;

/** 32 hex digits. Throws a ZodError for a missing or unknown field and a TypeError for content that JSON can't hold. */
export function trialKey(identity: TrialIdentity): string {
  return canonicalHash(trialIdentitySchema.parse(identity));
}

/** How far steering moved the next-token distributions: what a run measured before its trials, kept as events. */
import { z } from "zod";
import type { RunStore } from "./run-store.ts";

/** The unsteered answers on which the distributions are compared; one event a run. */
export const DIVERGENCE_ANSWERS_EVENT = "divergence-answers";
/** One event a latent. */
export const DIVERGENCE_EVENT = "divergence";

const answersSchema = z.array(z.strictObject({ prompt: z.string(), tokens: z.array(z.int().min(0)).min(1) }));
export type DivergenceAnswers = z.infer<typeof answersSchema>;

const pointSchema = z.strictObject({
  strength: z.number(),
  /** Mean over the answers' tokens of `KL(steered || unsteered)`, in nats. */
  kl: z.number().min(0),
  /** The same of `KL(unsteered || steered)`. */
  reverse: z.number().min(0),
  /** Mean over all rows of `||h' - h|| / ||h||`. */
  dose: z.number(),
});
export type DivergencePoint = z.infer<typeof pointSchema>;

const divergenceSchema = z.strictObject({
  latent: z.int().min(0),
  /** Answer tokens that each mean is over. */
  tokens: z.int().min(1),
  /** All that was measured, in ascending order of strength. */
  points: z.array(pointSchema),
  /** The strengths that were looked for, each one of the points. */
  levels: z.array(z.strictObject({ nats: z.number(), strength: z.number() })),
  /** How far a level's mean may lie from its nats, as a share of them. */
  tolerance: z.number(),
});
export type LatentDivergence = z.infer<typeof divergenceSchema>;

/** null where the run has measured none. */
export function divergenceAnswers({ store }: { store: RunStore }): DivergenceAnswers | null {
  const [event] = store.events({ kind: DIVERGENCE_ANSWERS_EVENT });
  return event === undefined ? null : answersSchema.parse(event.detail);
}

/** By latent; the first measurement of a latent holds. */
export function latentDivergences({ store }: { store: RunStore }): Map<number, LatentDivergence> {
  const found = new Map<number, LatentDivergence>();
  for (const { detail } of store.events({ kind: DIVERGENCE_EVENT })) {
    const divergence = divergenceSchema.parse(detail);
    if (!found.has(divergence.latent)) found.set(divergence.latent, divergence);
  }
  return found;
}

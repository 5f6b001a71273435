/** Where a training stands, beside its weights. With the recipe and the data it determines everything that follows. */
import { z } from "zod";

const lossSchema = z.strictObject({
  /** Mean over targets, in nats; null where there are none of the kind. */
  all: z.number(),
  selfCorrection: z.number().nullable(),
  normal: z.number().nullable(),
});

export const validationSchema = lossSchema.extend({ step: z.number() });
/** A measurement of the validation examples after a step; 0 is before the first. */
export type Validation = z.infer<typeof validationSchema>;

export const positionSchema = z.strictObject({
  /** Steps done. */
  step: z.number(),
  /** Mean loss of each step's batch. */
  losses: z.array(z.number()),
  validations: z.array(validationSchema),
  /** Step of the best measurement; null before the first. */
  best: z.number().nullable(),
  /** Measurements since. */
  worse: z.number(),
  /** Rows and targets trained on. */
  rows: z.number(),
  targets: z.number(),
});
export type Position = z.infer<typeof positionSchema>;

export function startPosition(): Position {
  return { step: 0, losses: [], validations: [], best: null, worse: 0, rows: 0, targets: 0 };
}

/** True if the training ends here; `early` if for want of improvement. */
export function endOf({
  position,
  totalSteps,
  patience,
}: {
  position: Position;
  totalSteps: number;
  patience: number | null;
}): "end" | "early" | null {
  if (position.step >= totalSteps) return "end";
  return patience !== null && position.worse >= patience ? "early" : null;
}

/** Enters a measurement; true if it is the best so far. The one before the first step is not in the running. */
export function enterValidation({
  position,
  validation,
}: {
  position: Position;
  validation: Validation;
}): boolean {
  const best = position.validations.find(({ step }) => step === position.best);
  position.validations.push(validation);
  if (validation.step === 0) return false;
  if (best !== undefined && validation.all >= best.all) {
    position.worse += 1;
    return false;
  }
  position.best = validation.step;
  position.worse = 0;
  return true;
}

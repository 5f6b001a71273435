/** The learning rate at a step: linear warm-up, then half a cosine down to 0. */

export interface Schedule {
  /** The peak. */
  learningRate: number;
  warmUpSteps: number;
  totalSteps: number;
}

/** @param step from 0 */
export function learningRateAt({
  learningRate,
  warmUpSteps,
  totalSteps,
  step,
}: Schedule & { step: number }): number {
  const warm = Math.min(warmUpSteps, totalSteps);
  if (step < warm) return (learningRate * (step + 1)) / warm;
  return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - warm)) / (totalSteps - warm)));
}

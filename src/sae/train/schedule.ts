/** The learning rate at a step: linear warm-up, constant, linear decay to 0 over the last part. */
import type { TrainSettings } from "./settings.ts";

export function totalSteps({ totalRows, batchRows }: TrainSettings): number {
  return Math.floor(totalRows / batchRows);
}

/** @param step from 0 */
export function learningRateAt({ settings, step }: { settings: TrainSettings; step: number }): number {
  const { latents, warmUpSteps, decayFraction } = settings;
  const steps = totalSteps(settings);
  const peak = settings.learningRate ?? 2e-4 / Math.sqrt(latents / 2 ** 14);
  const warmUp = warmUpSteps === 0 ? 1 : Math.min(1, (step + 1) / warmUpSteps);
  const decaySteps = Math.round(decayFraction * steps);
  const decay = decaySteps === 0 ? 1 : Math.min(1, (steps - step) / decaySteps);
  return peak * Math.min(warmUp, decay);
}

/** An example with what is added to its rows. */
import type { Steered } from "./pack-rows.ts";
import type { SteerPlan } from "./steer-plan.ts";
import type { TrainingExample } from "./training-example.ts";

export interface Steer {
  plan: SteerPlan;
  /** Block at whose output is steered. */
  layer: number;
  /** The latent's decoder direction, `[d_model]`, not normalised: as the engine adds it. */
  direction: (latent: number) => Float32Array;
}

export function steered({
  steer,
  example,
  index,
  epoch,
}: {
  steer: Steer | null;
  example: TrainingExample;
  index: number;
  epoch: number | "validation";
}): Steered<TrainingExample> {
  const steering = steer?.plan.steeringOf({ example, index, epoch }) ?? null;
  if (steer === null || steering === null) return { ...example, addition: null };
  const { latent, strength } = steering;
  return { ...example, addition: steer.direction(latent).map((value) => value * strength) };
}

/**
 * Resistance training: which examples feel the intervention `h' = h + s d_k`, on all their rows, in which epoch, by which latent.
 * A function of seed, epoch and example alone, so that a training can go on at any step.
 */
import { CountersteerError } from "../../errors.ts";
import { createRng } from "../../stats/rng.ts";
import type { Recipe } from "./recipe.ts";
import type { TrainingExample } from "./training-example.ts";

/** Streams of the seed that belong to steering begin here; one for each epoch, and one for validation. */
const STEER_STREAM = 2_000_000;
const VALIDATION = 999_999;

export interface Steering {
  latent: number;
  strength: number;
}

export interface SteerPlan {
  latents: readonly number[];
  strength: readonly [number, number];
  /** null: the example is not steered. @param epoch "validation" is the same at each measurement */
  steeringOf(options: {
    example: TrainingExample;
    index: number;
    epoch: number | "validation";
  }): Steering | null;
}

/** null where nothing is steered. Throws CONFIG_INVALID where neither the recipe nor the data name latents and strengths. */
export function planSteering({
  recipe,
  examples,
}: {
  recipe: Pick<Recipe, "steer" | "train">;
  examples: readonly TrainingExample[];
}): SteerPlan | null {
  const { mode, share, borrowedShare } = recipe.steer;
  if (mode === "data") return null;
  const known = examples.flatMap(({ split, steering }) =>
    split === "train" && steering !== null ? [steering] : [],
  );
  const latents =
    recipe.steer.latents ?? [...new Set(known.map(({ latent }) => latent))].sort((a, b) => a - b);
  const strength = recipe.steer.strength ?? rangeOf(known.map((each) => each.strength));
  if (latents.length === 0 || strength === null)
    throw noLatents(latents.length === 0 ? "latents" : "strengths");
  const [low, high] = strength;
  return {
    latents,
    strength,
    steeringOf({ example, index, epoch }) {
      if (example.steering !== null) return example.steering;
      const stream = STEER_STREAM + (epoch === "validation" ? VALIDATION : epoch);
      const rng = drawOf({ seed: recipe.train.seed, stream, index });
      if (rng.next() >= (example.kind === "normal" ? share : borrowedShare)) return null;
      return { latent: latents[rng.below(latents.length)] ?? 0, strength: low + rng.next() * (high - low) };
    },
  };
}

/** A stream of its own for each example of an epoch. */
function drawOf({ seed, stream, index }: { seed: number; stream: number; index: number }) {
  const seeds = createRng({ seed, stream });
  return createRng({ seed: seeds.below(2 ** 32), stream: index });
}

function rangeOf(strengths: readonly number[]): readonly [number, number] | null {
  return strengths.length === 0 ? null : [Math.min(...strengths), Math.max(...strengths)];
}

function noLatents(missing: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `There are no ${missing} to steer with in the training.`,
    why: "The recipe names none, and no training example of the data was made by steering.",
    todo: "Give --steer-latents and --steer-strength, or train on masked data only (--steer data).",
    facts: { missing },
  });
}

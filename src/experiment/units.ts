/** The units of a latent: prompts drawn without replacement, one seed each, all determined by the run's seed (METHOD.md 1.1). */
import { createHash } from "node:crypto";
import { createRng } from "../stats/rng.ts";
import type { Unit } from "./arms.ts";

export interface UnitsOptions {
  latent: number;
  strength: number;
  prompts: string[];
  count: number;
  seed: number;
}

export function unitsOf({ latent, strength, prompts, count, seed }: UnitsOptions): Unit[] {
  return drawPrompts({ prompts: prompts.length, count, seed: keyedSeed("trial-prompts", seed, latent) }).map(
    (promptIndex, index) => ({
      key: `${latent}:${strength}:${promptIndex}:${index}`,
      latent,
      strength,
      promptIndex,
      prompt: prompts[promptIndex] ?? "",
      seed: keyedSeed("trial", seed, latent, promptIndex, index),
    }),
  );
}

/** Indices drawn without replacement; when there are fewer prompts than draws, a new round begins. */
export function drawPrompts({
  prompts,
  count,
  seed,
}: {
  prompts: number;
  count: number;
  seed: number;
}): number[] {
  const rng = createRng({ seed });
  const drawn: number[] = [];
  let pool: number[] = [];
  while (drawn.length < count) {
    if (pool.length === 0) {
      pool = Array.from({ length: prompts }, (_, i) => i);
    }
    drawn.push(...pool.splice(rng.below(pool.length), 1));
  }
  return drawn;
}

/** A seed in [0, 2^48) from a purpose and numbers: no purpose shares its random numbers with another. */
export function keyedSeed(purpose: string, ...parts: number[]): number {
  return createHash("sha256")
    .update(`${purpose}:${parts.join(":")}`)
    .digest()
    .readUIntBE(0, 6);
}

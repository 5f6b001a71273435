/** Readings from a random stream: sparse, skewed values with a level of each prompt, and latents that fire more off topic where planted. */

import type { Readings } from "../../src/latents/detectors/readings.ts";
import type { Rng } from "../../src/stats/rng.ts";

export interface MadeReadingsOptions {
  rng: Rng;
  latents: number;
  units: number;
  derangements: number;
  /** Latent to what is added to each of its off-topic readings. @default none */
  planted?: ReadonlyMap<number, number>;
}

export function madeReadings(options: MadeReadingsOptions): Readings {
  const { rng, latents, units, derangements, planted = new Map<number, number>() } = options;
  const skewed = () => -Math.log(1 - rng.next());
  const value = (level: number) => (rng.next() < 0.4 ? 0 : skewed() + level);
  const on = new Float32Array(units * latents);
  const off = new Float32Array(derangements * units * latents);
  for (let unit = 0; unit < units; unit++) {
    for (let latent = 0; latent < latents; latent++) {
      const level = 2 * skewed();
      on[unit * latents + latent] = value(level);
      for (let k = 0; k < derangements; k++) {
        off[(k * units + unit) * latents + latent] = value(level) + (planted.get(latent) ?? 0);
      }
    }
  }
  return { latents, units, derangements, on, off };
}

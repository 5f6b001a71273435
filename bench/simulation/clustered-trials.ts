/** Made-up experiments with known rates: trials of one latent resemble each other by a given intra-cluster correlation. */
import type { Rng } from "../../src/stats/rng.ts";

/** A gamma variate of shape `a` and scale 1 (Marsaglia and Tsang 2000). */
function gamma({ a, rng }: { a: number; rng: Rng }): number {
  if (a < 1) return gamma({ a: a + 1, rng }) * (1 - rng.next()) ** (1 / a);
  const d = a - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(rng);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - rng.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

export interface ClusterOptions {
  /** Mean rate over latents. */
  rate: number;
  /** Correlation of two trials of one latent: 1 / (a + b + 1) of the beta distribution that the latents' rates come from. */
  icc: number;
  rng: Rng;
}

/** One latent's own rate. */
export function latentRate({ rate, icc, rng }: ClusterOptions): number {
  if (icc === 0) return rate;
  const x = gamma({ a: (rate * (1 - icc)) / icc, rng });
  const y = gamma({ a: ((1 - rate) * (1 - icc)) / icc, rng });
  return x + y === 0 ? 0 : x / (x + y);
}

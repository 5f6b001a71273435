/** What a dictionary's weights look like, from some of its latents. */
import type { Dictionary } from "./dictionary.ts";

export interface Spread {
  min: number;
  median: number;
  max: number;
}

export interface WeightSummary {
  /** Latents that were looked at, evenly spread over the dictionary. */
  sampled: number;
  /** `||d_k||` */
  decoderNorms: Spread;
  /** Over all latents; null unless JumpReLU. */
  thresholds: Spread | null;
}

function spreadOf(values: Float64Array): Spread {
  const sorted = values.toSorted();
  const middle = sorted.length / 2;
  return {
    min: sorted[0] ?? 0,
    median: ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2,
    max: sorted.at(-1) ?? 0,
  };
}

/** Throws SAE_UNREADABLE for a weight that is not finite. */
export function summariseWeights({
  dictionary,
  sample = 256,
}: {
  dictionary: Dictionary;
  sample?: number;
}): WeightSummary {
  const { latents } = dictionary;
  const sampled = Math.min(sample, latents);
  const chosen = Array.from({ length: sampled }, (_, i) => Math.floor((i * latents) / sampled));
  dictionary.prefetchDirections(chosen);
  const norms = chosen.map((latent) =>
    Math.sqrt(dictionary.direction(latent).reduce((sum, weight) => sum + weight * weight, 0)),
  );
  const thresholds = dictionary.thresholds();
  return {
    sampled,
    decoderNorms: spreadOf(Float64Array.from(norms)),
    thresholds: thresholds === null ? null : spreadOf(Float64Array.from(thresholds)),
  };
}

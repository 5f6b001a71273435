/**
 * Latents that steer the off-topic starts, and latents that are left for evaluation (the paper's training and evaluation are not held apart,
 * METHOD.md 9.4). A latent with the label of a training latent, or nearly its direction, is left for neither: it would be the same thing under another number.
 */
import { MIN_CONCRETENESS, rateConcreteness } from "../../latents/concreteness.ts";
import type { Lexicon } from "../../latents/lexicon.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import type { Label } from "../../sae/labels.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";

/** Cosine from which two directions count as one. */
export const NEAR = 0.6;

export interface LatentSplit {
  /** In seeded order. */
  training: number[];
  /** Ascending. */
  evaluation: number[];
  /** Eligible latents that are too near to a training latent. */
  near: number;
}

export interface SplitLatentsOptions {
  labels: readonly Label[];
  lexicon: Lexicon;
  dictionary: Pick<Dictionary, "direction" | "prefetchDirections">;
  /** Training latents; a list takes exactly these. */
  training: number | readonly number[];
  /** Share of corpus tokens. @default 0.0005, as in a run */
  minFrequency?: number;
  seed: number;
}

/** Fewer training latents than asked for where there are not so many; never more than half of the eligible. */
export function splitLatents(options: SplitLatentsOptions): LatentSplit {
  const { labels, lexicon, dictionary, minFrequency = 0.0005, seed } = options;
  const eligible = labels
    .filter((label) => label.frequency > 0 && label.frequency >= minFrequency)
    .filter((label) => rateConcreteness({ label, lexicon }).rating >= MIN_CONCRETENESS)
    .toSorted((a, b) => a.index - b.index)
    .map(({ index }) => index);
  const training =
    typeof options.training === "number"
      ? shuffle(eligible, createRng({ seed })).slice(0, Math.min(options.training, eligible.length >> 1))
      : [...options.training];
  const chosen = new Set(training);
  const rest = eligible.filter((latent) => !chosen.has(latent));
  dictionary.prefetchDirections([...training, ...rest]);
  const labelOf = new Map(labels.map(({ index, label }) => [index, label.toLowerCase()]));
  const trainedLabels = new Set(training.map((latent) => labelOf.get(latent)));
  const directions = training.map((latent) => unit(dictionary.direction(latent)));
  const evaluation = rest.filter((latent) => {
    const direction = unit(dictionary.direction(latent));
    return (
      !trainedLabels.has(labelOf.get(latent)) && directions.every((other) => dot(direction, other) < NEAR)
    );
  });
  return { training, evaluation, near: rest.length - evaluation.length };
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Whether the words on which a latent fires have something in common: many latents fire on a few things that don't. */
import { FUNCTION_WORDS } from "./function-words.ts";
import type { WordVectors } from "./word-vectors.ts";

/** From this mean cosine on, words belong together; chosen on the rated latents of docs/latents.md. */
export const MIN_COHERENCE = 0.06;
/** A word with this share of the firing says something by itself, whatever the others are. */
export const CLEAR_SHARE = 0.12;
export const COHERENT_WORDS = 8;

/** Mean cosine of the pairs of content words, weighed by their shares; null where no pair is known. */
export function coherenceOf({
  words,
  vectors,
}: {
  words: readonly { word: string; share: number }[];
  vectors: WordVectors;
}): number | null {
  const content = words.filter(({ word }) => !FUNCTION_WORDS.has(word.toLowerCase()));
  let sum = 0;
  let weights = 0;
  content.forEach((a, i) => {
    for (const b of content.slice(i + 1)) {
      const cosine = vectors.similarity(a.word, b.word);
      if (cosine === null) continue;
      const weight = Math.sqrt(a.share * b.share);
      sum += weight * cosine;
      weights += weight;
    }
  });
  return weights === 0 ? null : sum / weights;
}

/** Latents whose decoder directions point the same way. */
import type { Dictionary } from "../sae/dictionary.ts";

export interface Neighbour {
  latent: number;
  /** Cosine of the two decoder directions, -1 to 1. */
  cosine: number;
}

/** The `count` latents of the highest cosine, without the latent itself. Throws LATENT_UNKNOWN. Reads the whole decoder. */
export function neighboursOf({
  dictionary,
  latent,
  count = 8,
}: {
  dictionary: Dictionary;
  latent: number;
  count?: number;
}): Neighbour[] {
  const direction = dictionary.direction(latent);
  const length = Math.sqrt(dot(direction, direction));
  const all: Neighbour[] = [];
  for (let other = 0; other < dictionary.latents; other++) {
    if (other === latent) continue;
    const row = dictionary.direction(other);
    const product = length * Math.sqrt(dot(row, row));
    all.push({ latent: other, cosine: product === 0 ? 0 : dot(direction, row) / product });
  }
  return all.sort((a, b) => b.cosine - a.cosine || a.latent - b.latent).slice(0, count);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

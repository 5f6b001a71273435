/** What the statistics of detectors are made of: one number for each latent, prompt and pairing. */

export interface Readings {
  latents: number;
  /** Prompts. Answers to the same prompt are averaged, because they share what makes it peculiar. */
  units: number;
  derangements: number;
  /** Value of each latent on the prompt's own answers, `[units, latents]`. */
  on: Float32Array;
  /** The same answers under another prompt, `[derangements, units, latents]`. */
  off: Float32Array;
}

/** The values of one latent, on topic `[units]` and off topic `[derangements][units]`. */
export function readingsOf({ readings, latent }: { readings: Readings; latent: number }): {
  on: number[];
  off: number[][];
} {
  const { latents, units, derangements, on, off } = readings;
  const column = (values: Float32Array, from: number) =>
    Array.from({ length: units }, (_, unit) => values[(from + unit) * latents + latent] ?? 0);
  return {
    on: column(on, 0),
    off: Array.from({ length: derangements }, (_, k) => column(off, k * units)),
  };
}

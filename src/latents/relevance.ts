/**
 * Which latents have nothing to do with the prompts (METHOD.md 4, step 4). The values must be read at the layer that will be
 * edited: a latent that is silent elsewhere can still be part of how the model reads the prompt here.
 */

export interface PromptMaxima {
  /** Largest value of each latent over all tokens of a prompt, template included: `[prompts, latents]`, row-major. */
  values: Float32Array;
  latents: number;
}

/** A latent is silent iff its maximum is exactly 0 on every prompt; NaN is not silent. Returns `[latents]`. */
export function silentOnPrompts({ values, latents }: PromptMaxima): boolean[] {
  if (values.length === 0 || values.length % latents !== 0) {
    throw new RangeError(`${values.length} maxima are not whole prompts of ${latents} latents`);
  }
  const silent = new Array<boolean>(latents).fill(true);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) silent[i % latents] = false;
  }
  return silent;
}

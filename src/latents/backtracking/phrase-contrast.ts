/**
 * Which latents fire more at the tokens of restart phrases than at the other tokens of the same answers. The null places each phrase at random in
 * its own answer (around the end to the beginning), so it keeps how strongly and how long latents fire, and breaks only where.
 */
import { benjaminiHochberg } from "../../stats/benjamini-hochberg.ts";
import { pairedEffect } from "../../stats/paired-effect.ts";
import type { Rng } from "../../stats/rng.ts";
import type { ContrastLatent } from "./backtracking-file.ts";

export interface PhraseContrastSettings {
  /** Random placements of all phrases. */
  permutations: number;
  /** A latent is tested if it fires in at least this share of the answers, wherever in them. */
  minFiringShare: number;
}

export type PhraseStatistics = Omit<ContrastLatent, "label">;

/** Takes answers one after another and holds only sums over tokens, and for each of the permutations one number a latent. */
export class PhraseContrast {
  readonly #latents: number;
  readonly #settings: PhraseContrastSettings;
  readonly #rng: Rng;
  /** Sums over answers of the difference under each placement, `[latents, permutations]`. */
  readonly #placed: Float32Array;
  /** One row an answer, `[latents]`: means in the phrase and elsewhere. */
  readonly #inside: Float32Array[] = [];
  readonly #outside: Float32Array[] = [];

  constructor({
    latents,
    settings,
    rng,
  }: {
    latents: number;
    settings: PhraseContrastSettings;
    rng: Rng;
  }) {
    this.#latents = latents;
    this.#settings = settings;
    this.#rng = rng;
    this.#placed = new Float32Array(settings.permutations * latents);
  }

  /** `values`: `[tokens, latents]` of the answer. Throws RangeError unless there are tokens in the phrase and outside of it. */
  add({ values, phrase }: { values: Float32Array; phrase: { start: number; end: number } }): void {
    const latents = this.#latents;
    const tokens = values.length / latents;
    const width = phrase.end - phrase.start;
    if (width < 1 || width >= tokens) throw new RangeError("a phrase needs tokens in it and around it");
    const starts = Int32Array.from({ length: this.#settings.permutations }, () => this.#rng.below(tokens));
    const inside = new Float32Array(latents);
    const outside = new Float32Array(latents);
    // over the answer twice, so that a placement may go around its end
    const sums = new Float64Array(2 * tokens + 1);
    const column = new Float32Array(tokens);
    for (let latent = 0; latent < latents; latent++) {
      let total = 0;
      for (let i = 0; i < tokens; i++) {
        const value = values[i * latents + latent] ?? 0;
        column[i] = value;
        total += value;
      }
      if (total === 0) continue;
      for (let i = 0; i < 2 * tokens; i++) {
        sums[i + 1] = (sums[i] ?? 0) + (column[i < tokens ? i : i - tokens] ?? 0);
      }
      const within = (start: number) => (sums[start + width] ?? 0) - (sums[start] ?? 0);
      const real = within(phrase.start);
      inside[latent] = real / width;
      outside[latent] = (total - real) / (tokens - width);
      // within / width - (total - within) / (tokens - width), of each placement
      const slope = 1 / width + 1 / (tokens - width);
      const shift = total / (tokens - width);
      for (let permutation = 0; permutation < starts.length; permutation++) {
        const at = latent * starts.length + permutation;
        const difference = within(starts[permutation] ?? 0) * slope - shift;
        this.#placed[at] = (this.#placed[at] ?? 0) + difference;
      }
    }
    this.#inside.push(inside);
    this.#outside.push(outside);
  }

  /** All tested latents, the highest z first. */
  statistics(): PhraseStatistics[] {
    const texts = this.#inside.length;
    const tested = Array.from({ length: this.#latents }, (_, latent) => latent).filter((latent) => {
      const firing = this.#inside.filter(
        (inside, i) => (inside[latent] ?? 0) > 0 || (this.#outside[i]?.[latent] ?? 0) > 0,
      ).length;
      return firing > 0 && firing >= this.#settings.minFiringShare * texts;
    });
    const nulls = tested.map((latent) => this.#null(latent));
    const pooled = new Float32Array(tested.length * this.#settings.permutations);
    nulls.forEach(({ z }, i) => {
      pooled.set(z, i * z.length);
    });
    pooled.sort();
    const rows = tested.map((latent, i) => this.#row({ latent, ...(nulls[i] ?? NO_NULL), pooled }));
    const q = benjaminiHochberg({ p: rows.map(({ p }) => p) });
    return rows.map((row, i) => ({ ...row, q: q[i] ?? 1 })).sort((a, b) => b.z - a.z || a.latent - b.latent);
  }

  /** Mean and deviation of the latent's difference under random placements, and these placements in that unit. */
  #null(latent: number): { mean: number; deviation: number; z: Float32Array } {
    const { permutations } = this.#settings;
    const texts = this.#inside.length;
    const values = Float64Array.from(
      { length: permutations },
      (_, p) => (this.#placed[latent * permutations + p] ?? 0) / texts,
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / permutations;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / permutations);
    return { mean, deviation, z: Float32Array.from(values, (value) => standardised(value, mean, deviation)) };
  }

  #row({
    latent,
    mean,
    deviation,
    pooled,
  }: {
    latent: number;
    mean: number;
    deviation: number;
    pooled: Float32Array;
  }): Omit<PhraseStatistics, "q"> {
    const inside = this.#inside.map((values) => values[latent] ?? 0);
    const differences = inside.map((value, i) => value - (this.#outside[i]?.[latent] ?? 0));
    const average = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const difference = average(differences);
    const z = Math.fround(standardised(difference, mean, deviation));
    const above = pooled.length - firstAtLeast(pooled, z);
    const { dz, rankBiserial } = pairedEffect({ differences });
    return {
      latent,
      meanPhrase: average(inside),
      meanOther: average(inside) - difference,
      firingPhrase: average(inside.map((value) => Number(value > 0))),
      higher: average(differences.map((value) => Number(value > 0))),
      dz,
      rankBiserial,
      z,
      // pooled over latents: a latent's own placements alone could give no p below 1 / (1 + permutations), and none would outlive the correction
      p: (1 + above) / (1 + pooled.length),
    };
  }
}

const NO_NULL = { mean: 0, deviation: 0 };

function standardised(value: number, mean: number, deviation: number): number {
  return deviation === 0 ? 0 : (value - mean) / deviation;
}

/** Index of the first value that is at least `bound`, in ascending values. */
function firstAtLeast(sorted: Float32Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

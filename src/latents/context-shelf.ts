/** For every latent the places of a corpus that score best, at most one a document, in flat arrays: there may be 65,000 latents. */

export interface ShelfOptions {
  latents: number;
  /** Places kept of each latent. */
  size: number;
  /** Tokens of the activations kept around a place. */
  width: number;
}

export interface ShelfEntry {
  latent: number;
  score: number;
  /** The latent's value there. */
  value: number;
  /** Number of the token in the corpus. */
  at: number;
  document: number;
}

/** Activations are kept in 255 steps of the highest one in the window, which is enough to show which tokens fire. */
const STEPS = 255;

export class ContextShelf {
  readonly size: number;
  readonly width: number;
  readonly #counts: Uint16Array;
  readonly #scores: Float64Array;
  readonly #values: Float32Array;
  readonly #at: Float64Array;
  readonly #documents: Uint32Array;
  readonly #peaks: Float32Array;
  readonly #activations: Uint8Array;

  constructor({ latents, size, width }: ShelfOptions) {
    this.size = size;
    this.width = width;
    this.#counts = new Uint16Array(latents);
    this.#scores = new Float64Array(latents * size);
    this.#values = new Float32Array(latents * size);
    this.#at = new Float64Array(latents * size);
    this.#documents = new Uint32Array(latents * size);
    this.#peaks = new Float32Array(latents * size);
    this.#activations = new Uint8Array(latents * size * width);
  }

  /** Whether `offer` would keep a place of this score. */
  wants({ latent, score }: { latent: number; score: number }): boolean {
    const count = this.#counts[latent] ?? 0;
    return count < this.size || score > (this.#scores[latent * this.size + count - 1] ?? 0);
  }

  /** @param around activations of the latent around the place, at most `width`, which are written from the start. */
  offer({ entry, around }: { entry: ShelfEntry; around: Float32Array }): void {
    const { latent, score, document } = entry;
    const base = latent * this.size;
    let count = this.#counts[latent] ?? 0;
    for (let i = base; i < base + count; i++) {
      if (this.#documents[i] !== document) continue;
      if (score <= (this.#scores[i] ?? 0)) return;
      for (let j = i; j < base + count - 1; j++) this.#move(j + 1, j);
      count -= 1;
      break;
    }
    if (count === this.size) {
      if (score <= (this.#scores[base + count - 1] ?? 0)) return;
      count -= 1;
    }
    let slot = base + count;
    for (; slot > base && score > (this.#scores[slot - 1] ?? 0); slot--) this.#move(slot - 1, slot);
    this.#write(slot, entry, around);
    this.#counts[latent] = count + 1;
  }

  /** Best first. */
  entries(latent: number): (ShelfEntry & { around: Float32Array })[] {
    return Array.from({ length: this.#counts[latent] ?? 0 }, (_, i) => {
      const slot = latent * this.size + i;
      const steps = this.#activations.subarray(slot * this.width, (slot + 1) * this.width);
      const peak = this.#peaks[slot] ?? 0;
      return {
        latent,
        score: this.#scores[slot] ?? 0,
        value: this.#values[slot] ?? 0,
        at: this.#at[slot] ?? 0,
        document: this.#documents[slot] ?? 0,
        around: Float32Array.from(steps, (step) => (step / STEPS) * peak),
      };
    });
  }

  #move(from: number, to: number): void {
    this.#scores[to] = this.#scores[from] ?? 0;
    this.#values[to] = this.#values[from] ?? 0;
    this.#at[to] = this.#at[from] ?? 0;
    this.#documents[to] = this.#documents[from] ?? 0;
    this.#peaks[to] = this.#peaks[from] ?? 0;
    this.#activations.copyWithin(to * this.width, from * this.width, (from + 1) * this.width);
  }

  #write(slot: number, { score, value, at, document }: ShelfEntry, around: Float32Array): void {
    const peak = around.reduce((most, each) => Math.max(most, each), 0);
    this.#scores[slot] = score;
    this.#values[slot] = value;
    this.#at[slot] = at;
    this.#documents[slot] = document;
    this.#peaks[slot] = peak;
    const start = slot * this.width;
    this.#activations.fill(0, start, start + this.width);
    // a token that fires at all keeps at least one step
    around.forEach((each, i) => {
      this.#activations[start + i] = each > 0 ? Math.max(1, Math.round((STEPS * each) / peak)) : 0;
    });
  }
}

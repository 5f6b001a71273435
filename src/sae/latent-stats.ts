/** How often and how strongly the latents of a dictionary fire, streamed over rows. */

export interface LatentFacts {
  rows: number;
  /** Active latents of a row: mean, and the smallest number that at least half (95 %) of the rows do not exceed. */
  l0: { mean: number; p50: number; p95: number };
  /** Latents that fired in none of the rows, and their share. */
  dead: { latents: number; share: number };
  density: DensityHistogram;
}

/** Latents that fired at all, by the log10 of the share of rows in which they did. */
export interface DensityHistogram {
  /** `[bins + 1]`, ascending, half decades, the last one 0 (fires in every row). */
  log10Edges: number[];
  /** `[bins]`; a bin holds its lower edge, the last one also its upper. */
  counts: number[];
}

export interface LatentUse {
  latent: number;
  /** Share of rows in which it is active. */
  frequency: number;
  max: number;
  /** Mean value over the rows in which it is active; 0 for a dead one. */
  meanWhenActive: number;
}

const BINS_PER_DECADE = 2;

export class LatentStats {
  readonly #latents: number;
  readonly #active: Uint32Array;
  readonly #sum: Float64Array;
  readonly #max: Float32Array;
  /** Rows by their number of active latents, `[latents + 1]`. */
  readonly #rowsByL0: Uint32Array;
  #rows = 0;

  constructor({ latents }: { latents: number }) {
    this.#latents = latents;
    this.#active = new Uint32Array(latents);
    this.#sum = new Float64Array(latents);
    this.#max = new Float32Array(latents);
    this.#rowsByL0 = new Uint32Array(latents + 1);
  }

  /** @param acts `[N, L]`, none below 0 */
  add({ acts }: { acts: Float32Array }): void {
    const rows = acts.length / this.#latents;
    for (let row = 0, at = 0; row < rows; row++) {
      let active = 0;
      for (let latent = 0; latent < this.#latents; latent++, at++) {
        const value = acts[at] ?? 0;
        if (value <= 0) continue;
        active += 1;
        this.#active[latent] = (this.#active[latent] ?? 0) + 1;
        this.#sum[latent] = (this.#sum[latent] ?? 0) + value;
        this.#max[latent] = Math.max(this.#max[latent] ?? 0, value);
      }
      this.#rowsByL0[active] = (this.#rowsByL0[active] ?? 0) + 1;
    }
    this.#rows += rows;
  }

  /** NaN for the mean where no row was added. */
  facts(): LatentFacts {
    const fired = this.#active.reduce((sum, count) => sum + count, 0);
    const dead = this.#active.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
    return {
      rows: this.#rows,
      l0: { mean: fired / this.#rows, p50: this.#l0At(0.5), p95: this.#l0At(0.95) },
      dead: { latents: dead, share: dead / this.#latents },
      density: this.#density(),
    };
  }

  /** Every latent, in order. */
  *uses(): Generator<LatentUse, void, void> {
    for (let latent = 0; latent < this.#latents; latent++) {
      const active = this.#active[latent] ?? 0;
      yield {
        latent,
        frequency: active / this.#rows,
        max: this.#max[latent] ?? 0,
        meanWhenActive: active === 0 ? 0 : (this.#sum[latent] ?? 0) / active,
      };
    }
  }

  #l0At(share: number): number {
    let seen = 0;
    const at = this.#rowsByL0.findIndex((rows) => {
      seen += rows;
      return seen >= share * this.#rows;
    });
    return Math.max(0, at);
  }

  #density(): DensityHistogram {
    const bins = Math.max(1, Math.ceil(Math.log10(Math.max(1, this.#rows)) * BINS_PER_DECADE));
    const counts = new Array<number>(bins).fill(0);
    for (const active of this.#active) {
      if (active === 0) continue;
      const bin = bins + Math.floor(Math.log10(active / this.#rows) * BINS_PER_DECADE);
      const at = Math.min(bins - 1, Math.max(0, bin));
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return { log10Edges: Array.from({ length: bins + 1 }, (_, i) => (i - bins) / BINS_PER_DECADE), counts };
  }
}

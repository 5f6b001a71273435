/**
 * One pass over a corpus for all latents at once: how often and how strongly each fires, where it fires most, and a random sample of all
 * the places where it fires. The result does not depend on the order of the documents, but for ties.
 */
import { ContextShelf, type ShelfEntry } from "./context-shelf.ts";

export interface CollectorOptions {
  latents: number;
  /** Strongest places kept of each latent. @default 12 */
  top?: number;
  /** Random places kept of each latent. @default 16 */
  sample?: number;
  /** Random windows kept for contexts in which a latent is silent. @default 256 */
  pool?: number;
  /** Tokens kept before and after a place. @default 16 and 8 */
  before?: number;
  after?: number;
}

/** A sequence that the model read, and what the latents made of it. */
export interface ReadSequence {
  tokens: Int32Array;
  /** Rows at the start that do not count. */
  skip: number;
  /** `[tokens, latents]`, row-major. */
  values: Float32Array;
  document: number;
}

export interface LatentPlace {
  /** Token ids around the place. */
  tokens: Int32Array;
  /** The latent's values there. */
  activations: Float32Array;
  /** Index in `tokens` of the place itself. */
  peak: number;
  /** Its value. */
  value: number;
  /** Number of the token in its sequence. */
  position: number;
  document: number;
}

interface PoolWindow {
  draw: number;
  tokens: Int32Array;
  /** Latents that fire somewhere in the window. */
  firing: ReadonlySet<number>;
}

export interface LatentCounts {
  /** Tokens on which it fires, and the share of all. */
  active: number;
  density: number;
  max: number;
  /** Over the tokens on which it fires; 0 where there are none. */
  mean: number;
}

export class ContextCollector {
  readonly latents: number;
  readonly #before: number;
  readonly #after: number;
  readonly #top: ContextShelf;
  readonly #sample: ContextShelf;
  readonly #active: Float64Array;
  readonly #sums: Float64Array;
  readonly #maxima: Float32Array;
  readonly #bestAt: Int32Array;
  readonly #bestValue: Float32Array;
  readonly #drawnAt: Int32Array;
  readonly #drawn: Float64Array;
  readonly #poolSize: number;
  #pool: PoolWindow[] = [];
  readonly #sequences: Int32Array[] = [];
  readonly #starts: number[] = [];
  #tokens = 0;
  #rows = 0;

  constructor({ latents, top = 12, sample = 16, pool = 256, before = 16, after = 8 }: CollectorOptions) {
    this.latents = latents;
    this.#poolSize = pool;
    this.#before = before;
    this.#after = after;
    const width = before + 1 + after;
    this.#top = new ContextShelf({ latents, size: top, width });
    this.#sample = new ContextShelf({ latents, size: sample, width });
    this.#active = new Float64Array(latents);
    this.#sums = new Float64Array(latents);
    this.#maxima = new Float32Array(latents);
    this.#bestAt = new Int32Array(latents);
    this.#bestValue = new Float32Array(latents);
    this.#drawnAt = new Int32Array(latents);
    this.#drawn = new Float64Array(latents);
  }

  /** Rows that counted so far. */
  get rows(): number {
    return this.#rows;
  }

  add(sequence: ReadSequence): void {
    const { tokens, skip, values } = sequence;
    const { latents } = this;
    const fired: number[] = [];
    for (let row = skip; row < tokens.length; row++) {
      const start = row * latents;
      for (let latent = 0; latent < latents; latent++) {
        const value = values[start + latent] ?? 0;
        if (value > 0) this.#count(latent, value, row, fired);
      }
    }
    this.#starts.push(this.#tokens);
    this.#sequences.push(tokens);
    for (const latent of fired) {
      this.#keep({
        shelf: this.#top,
        sequence,
        latent,
        row: this.#bestAt[latent] ?? 0,
        score: this.#bestValue[latent] ?? 0,
      });
      this.#keep({
        shelf: this.#sample,
        sequence,
        latent,
        row: this.#drawnAt[latent] ?? 0,
        score: this.#drawn[latent] ?? 0,
      });
      this.#bestValue[latent] = 0;
      this.#drawn[latent] = 0;
    }
    this.#offerToPool(sequence);
    this.#tokens += tokens.length;
    this.#rows += tokens.length - skip;
  }

  counts(latent: number): LatentCounts {
    const active = this.#active[latent] ?? 0;
    return {
      active,
      density: this.#rows === 0 ? 0 : active / this.#rows,
      max: this.#maxima[latent] ?? 0,
      mean: active === 0 ? 0 : (this.#sums[latent] ?? 0) / active,
    };
  }

  /** The strongest places, strongest first. */
  top(latent: number): LatentPlace[] {
    return this.#top.entries(latent).map((entry) => this.#place(entry));
  }

  /** A random sample of the places where it fires, strongest first. */
  sample(latent: number): LatentPlace[] {
    const places = this.#sample.entries(latent).map((entry) => this.#place(entry));
    return places.sort((a, b) => b.value - a.value);
  }

  /** Random windows of the corpus, one a sequence, in which the latent is silent; the same order in every run. */
  silent(latent: number): Int32Array[] {
    return this.#pool.filter(({ firing }) => !firing.has(latent)).map(({ tokens }) => tokens);
  }

  /** All the windows from which `silent` chooses. */
  pool(): Int32Array[] {
    return this.#pool.map(({ tokens }) => tokens);
  }

  /** Tokens that were read. */
  get tokens(): number {
    return this.#tokens;
  }

  #count(latent: number, value: number, row: number, fired: number[]): void {
    if ((this.#bestValue[latent] ?? 0) === 0) fired.push(latent);
    this.#active[latent] = (this.#active[latent] ?? 0) + 1;
    this.#sums[latent] = (this.#sums[latent] ?? 0) + value;
    if (value > (this.#maxima[latent] ?? 0)) this.#maxima[latent] = value;
    if (value > (this.#bestValue[latent] ?? 0)) {
      this.#bestValue[latent] = value;
      this.#bestAt[latent] = row;
    }
    // the highest hashes are a random sample, the same in every run
    const draw = hashOf(latent, this.#tokens + row);
    if (draw > (this.#drawn[latent] ?? 0)) {
      this.#drawn[latent] = draw;
      this.#drawnAt[latent] = row;
    }
  }

  #keep({
    shelf,
    sequence,
    latent,
    row,
    score,
  }: {
    shelf: ContextShelf;
    sequence: ReadSequence;
    latent: number;
    row: number;
    score: number;
  }): void {
    if (!shelf.wants({ latent, score })) return;
    const { values, tokens, document } = sequence;
    const from = Math.max(0, row - this.#before);
    const to = Math.min(tokens.length, row + this.#after + 1);
    const around = Float32Array.from({ length: to - from }, (_, i) =>
      from + i < sequence.skip ? 0 : (values[(from + i) * this.latents + latent] ?? 0),
    );
    const value = values[row * this.latents + latent] ?? 0;
    shelf.offer({ entry: { latent, score, value, at: this.#tokens + row, document }, around });
  }

  #offerToPool({ tokens, skip, values }: ReadSequence): void {
    const draw = hashOf(-1, this.#tokens);
    const full = this.#pool.length >= this.#poolSize;
    if (full && draw <= (this.#pool.at(-1)?.draw ?? 0)) return;
    const row = skip + (hashOf(-2, this.#tokens) % (tokens.length - skip));
    const from = Math.max(skip, row - this.#before);
    const to = Math.min(tokens.length, row + this.#after + 1);
    const firing = new Set<number>();
    for (let at = from * this.latents; at < to * this.latents; at++) {
      if ((values[at] ?? 0) > 0) firing.add(at % this.latents);
    }
    this.#pool.push({ draw, tokens: tokens.slice(from, to), firing });
    this.#pool.sort((a, b) => b.draw - a.draw);
    this.#pool.length = Math.min(this.#pool.length, this.#poolSize);
  }

  #place({ at, value, document, around }: ShelfEntry & { around: Float32Array }): LatentPlace {
    const { tokens, from, to, row } = this.#bounds(at);
    return {
      tokens: tokens.slice(from, to),
      activations: around.slice(0, to - from),
      peak: row - from,
      value,
      position: row,
      document,
    };
  }

  #bounds(at: number): { tokens: Int32Array; from: number; to: number; row: number } {
    let low = 0;
    for (let high = this.#starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    const tokens = this.#sequences[low] ?? new Int32Array(0);
    const row = at - (this.#starts[low] ?? 0);
    return {
      tokens,
      row,
      from: Math.max(0, row - this.#before),
      to: Math.min(tokens.length, row + this.#after + 1),
    };
  }
}

/** A well mixed integer in [1, 2^32]. */
function hashOf(latent: number, at: number): number {
  let h = Math.imul(latent + 1, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return ((h ^ (h >>> 16)) >>> 0) + 1;
}

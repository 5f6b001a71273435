/**
 * Reads latent values `f_k(h)` from rows of the residual stream. A few latents of a dictionary whose activation looks at one latent alone
 * (ReLU, JumpReLU, gated) are single dot products; TopK has to know every pre-activation, so it goes through the dense encoder.
 */
import { checkLatent, type Dictionary } from "../../sae/dictionary.ts";
import { activate, decodeRows } from "../../sae/encode.ts";
import { DenseEncoder } from "./dense-encoder.ts";

/** Above this many latents the dense product is cheaper than single dot products. */
const FEW = 48;
/** Latent values held at once while rows are reconstructed. */
const RECONSTRUCTED_VALUES = 2 ** 22;

export interface ReadOptions {
  /** `[any, d_model]` */
  rows: Float32Array;
  /** Rows to read. */
  indexes: number[];
  /** Latents to read; an empty list means all of the dictionary. */
  latents: number[];
}

export class LatentReader {
  readonly dictionary: Dictionary;
  readonly #threads: number;
  #dense: DenseEncoder | null = null;
  #decodes = false;

  constructor({ dictionary, threads }: { dictionary: Dictionary; threads: number }) {
    this.dictionary = dictionary;
    this.#threads = threads;
  }

  /** Reads the weights that `read` will need, so that what is wrong with them is met before a batch depends on it. Throws LATENT_UNKNOWN, SAE_UNREADABLE. */
  prepare(latents: number[]): void {
    for (const latent of latents) {
      checkLatent({ facts: this.dictionary, latent });
    }
    if (!this.#readsFew(latents)) {
      this.#denseEncoder();
    }
    this.dictionary.prefetchEncoder(latents);
    for (const latent of latents) {
      this.dictionary.effectiveBias(latent);
    }
    // reads the thresholds or the gates
    this.dictionary.valueOf(0, 1);
  }

  /** Reads the weights that `reconstruct` will need. Throws SAE_UNREADABLE. */
  prepareReconstruction(): void {
    if (!this.#decodes) {
      this.prepare([]);
      this.dictionary.bDec();
      this.dictionary.prefetchDirections(Array.from({ length: this.dictionary.latents }, (_, k) => k));
      this.#decodes = true;
    }
  }

  /** Pre-activation of one latent, `w_k . h + b_k`, at row `index` of `rows` `[any, d_model]`. */
  preActivation(rows: Float32Array, index: number, latent: number): number {
    const encoder = this.dictionary.encoderRow(latent);
    return dot(rows, index * encoder.length, encoder) + this.dictionary.effectiveBias(latent);
  }

  /** `f_k` of one latent at row `index`, as if the dictionary held no other: what a TopK makes of the others is not in it. */
  valueOf(rows: Float32Array, index: number, latent: number): number {
    return this.dictionary.valueOf(latent, this.preActivation(rows, index, latent));
  }

  /** Values `[indexes, latents]`. */
  read({ rows, indexes, latents }: ReadOptions): Float32Array {
    return this.#readsFew(latents)
      ? this.#readFew(rows, indexes, latents)
      : this.#readDense(rows, indexes, latents);
  }

  /** `decode(encode(h))` of rows of `rows` `[any, d_model]`: `[indexes, d_model]`. */
  reconstruct({ rows, indexes }: Omit<ReadOptions, "latents">): Float32Array {
    const { dictionary } = this;
    const reconstructed = new Float32Array(indexes.length * dictionary.dModel);
    const step = Math.max(1, Math.floor(RECONSTRUCTED_VALUES / dictionary.latents));
    for (let start = 0; start < indexes.length; start += step) {
      const acts = this.read({ rows, indexes: indexes.slice(start, start + step), latents: [] });
      reconstructed.set(decodeRows({ dictionary, acts }), start * dictionary.dModel);
    }
    return reconstructed;
  }

  #readsFew(latents: number[]): boolean {
    return this.dictionary.architecture !== "topk" && latents.length > 0 && latents.length <= FEW;
  }

  #denseEncoder(): DenseEncoder {
    this.#dense ??= new DenseEncoder({ dictionary: this.dictionary, threads: this.#threads });
    return this.#dense;
  }

  #readFew(rows: Float32Array, indexes: number[], latents: number[]): Float32Array {
    const values = new Float32Array(indexes.length * latents.length);
    let at = 0;
    for (const index of indexes) {
      for (const latent of latents) {
        values[at++] = this.valueOf(rows, index, latent);
      }
    }
    return values;
  }

  #readDense(rows: Float32Array, indexes: number[], latents: number[]): Float32Array {
    const dense = this.#denseEncoder();
    const { dModel, latents: all } = this.dictionary;
    const columns = latents.length === 0 ? all : latents.length;
    const values = new Float32Array(indexes.length * columns);
    const step = dense.maxRows;
    for (let start = 0; start < indexes.length; start += step) {
      const part = indexes.slice(start, start + step);
      const gathered = new Float32Array(part.length * dModel);
      part.forEach((index, i) => {
        gathered.set(rows.subarray(index * dModel, (index + 1) * dModel), i * dModel);
      });
      const pre = dense.encode({ rows: gathered, count: part.length });
      const acts = activate({ dictionary: this.dictionary, pre });
      for (let i = 0; i < part.length; i++) {
        const to = (start + i) * columns;
        if (latents.length === 0) {
          values.set(acts.subarray(i * all, (i + 1) * all), to);
        } else {
          latents.forEach((latent, j) => {
            values[to + j] = acts[i * all + latent] ?? 0;
          });
        }
      }
    }
    return values;
  }
}

/** Dot product of `vector` with `rows[start..]`, accumulated in double precision. */
function dot(rows: Float32Array, start: number, vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    sum += (rows[start + i] ?? 0) * (vector[i] ?? 0);
  }
  return sum;
}

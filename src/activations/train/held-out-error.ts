/** How well the weights in training reconstruct rows that they were not trained on. */

import { kthLargest } from "../../sae/topk-threshold.ts";
import type { DenseProduct, OpenDenseProduct } from "../../sae/train/dense-product.ts";
import type { TrainedWeights } from "../../sae/train/trainer-types.ts";
import { webAssembly } from "../../sae/train/wasm/web-assembly.ts";

export interface HeldOutMeasure {
  rows: number;
  /** Fraction of variance unexplained: squared error over squared distance from the mean of these rows. */
  fvu: number;
  /** Mean number of active latents of a row. */
  l0: number;
}

export interface HeldOutErrorOptions {
  /** `[n, d_model]`, at least one row. */
  rows: Float32Array;
  dModel: number;
  latents: number;
  k: number;
  product: OpenDenseProduct;
  threads: number;
}

/** Rows of one product. */
const BLOCK_ROWS = 256;
const PAGE_BYTES = 65_536;

/** A fixed set of rows, measured again and again as the weights change. */
export class HeldOutError implements Disposable {
  readonly #options: HeldOutErrorOptions;
  readonly #product: DenseProduct;
  readonly #rows: Float32Array;
  readonly #weights: Float32Array;
  readonly #pre: Float32Array;
  readonly #variation: number;

  constructor(options: HeldOutErrorOptions) {
    const { rows, dModel, latents, product, threads } = options;
    const count = rows.length / dModel;
    const totalRows = Math.ceil(count / BLOCK_ROWS) * BLOCK_ROWS;
    const weightsAt = 0;
    const rowsAt = aligned(weightsAt + 4 * latents * dModel);
    const outputAt = aligned(rowsAt + 4 * totalRows * dModel);
    const memory = pageAligned(outputAt + 4 * BLOCK_ROWS * latents);
    this.#options = options;
    this.#weights = new Float32Array(memory, weightsAt, latents * dModel);
    this.#rows = new Float32Array(memory, rowsAt, totalRows * dModel);
    this.#pre = new Float32Array(memory, outputAt, BLOCK_ROWS * latents);
    this.#rows.set(rows);
    this.#variation = variationOf({ rows, dModel });
    this.#product = product({
      memory,
      weightsAt,
      precision: "float32",
      latents,
      rowsAt,
      totalRows,
      columns: dModel,
      outputAt,
      blockRows: BLOCK_ROWS,
      threads,
    });
  }

  measure(weights: TrainedWeights): HeldOutMeasure {
    const { rows, dModel, latents, k } = this.#options;
    const count = rows.length / dModel;
    this.#weights.set(weights.encoder);
    const bias = effectiveBias(weights);
    const heap = new Float32Array(k);
    let error = 0;
    let active = 0;
    for (let row = 0; row < count; row++) {
      const within = row % BLOCK_ROWS;
      if (within === 0) this.#product.multiply({ block: row / BLOCK_ROWS });
      const pre = this.#pre.subarray(within * latents, (within + 1) * latents);
      for (let latent = 0; latent < latents; latent++) pre[latent] = (pre[latent] ?? 0) + (bias[latent] ?? 0);
      const least = weights.threshold ?? kthLargest({ values: pre, k, heap });
      const left = this.#rows.slice(row * dModel, (row + 1) * dModel);
      for (let i = 0; i < dModel; i++) left[i] = (left[i] ?? 0) - (weights.decoderBias[i] ?? 0);
      for (let latent = 0; latent < latents; latent++) {
        const value = pre[latent] ?? 0;
        // a threshold is exceeded; the k-th largest is one of the k
        if (value <= 0 || value < least || (value === least && weights.threshold !== null)) continue;
        active += 1;
        for (let i = 0, at = latent * dModel; i < dModel; i++, at++) {
          left[i] = (left[i] ?? 0) - value * (weights.decoder[at] ?? 0);
        }
      }
      error += left.reduce((sum, each) => sum + each * each, 0);
    }
    return { rows: count, fvu: error / this.#variation, l0: active / count };
  }

  [Symbol.dispose](): void {
    this.#product.close();
  }
}

/** The memory of a WebAssembly program begins at a page, which native code asks for; that of other buffers need not. */
function pageAligned(bytes: number): SharedArrayBuffer {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new webAssembly.Memory({ initial: pages, maximum: pages, shared: true }).buffer;
}

/** Offsets of a product are multiples of 64 bytes. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** `b_enc - b_dec . w_k`: what is added to `w_k . h`. */
function effectiveBias({
  dModel,
  encoder,
  encoderBias,
  decoderBias,
}: Pick<TrainedWeights, "dModel" | "encoder" | "encoderBias" | "decoderBias">): Float32Array {
  return encoderBias.map((own, latent) => {
    let product = 0;
    for (let i = 0, at = latent * dModel; i < dModel; i++, at++) {
      product += (decoderBias[i] ?? 0) * (encoder[at] ?? 0);
    }
    return own - product;
  });
}

function variationOf({ rows, dModel }: { rows: Float32Array; dModel: number }): number {
  const count = rows.length / dModel;
  const mean = new Float64Array(dModel);
  for (let at = 0; at < rows.length; at++) {
    const i = at % dModel;
    mean[i] = (mean[i] ?? 0) + (rows[at] ?? 0) / count;
  }
  let sum = 0;
  for (let at = 0; at < rows.length; at++) sum += ((rows[at] ?? 0) - (mean[at % dModel] ?? 0)) ** 2;
  return sum;
}

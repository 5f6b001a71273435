/** The one dense product of a training step. It is handed in, because its fast form is native and belongs to the engine. */

/** Three matrices, float32 but for the weights, in one memory that never moves; offsets are in bytes, multiples of 64. */
export interface ProductRegion {
  /** Begins at a multiple of 64, as the memory of WebAssembly does. */
  memory: ArrayBufferLike;
  /** `[latents, columns]` */
  weightsAt: number;
  /**
   * How the weights are stored. With bfloat16 the rows are rounded to it as well, so that a result is off by up to
   * 2^-7 of the product of both norms. @default float32
   */
  precision?: Precision;
  latents: number;
  /** `[totalRows, columns]` */
  rowsAt: number;
  totalRows: number;
  columns: number;
  /** `[blockRows, latents]`; `blockRows` divides `totalRows` */
  outputAt: number;
  blockRows: number;
  threads: number;
}

export type Precision = "float32" | "bfloat16";

export interface DenseProduct {
  /** `output = rows[block * blockRows ...] weights^T`, from the memory as it is at the call. */
  multiply(options: { block: number }): void;
  close(): void;
}

export type OpenDenseProduct = (region: ProductRegion) => DenseProduct;

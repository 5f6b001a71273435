/**
 * How close reconstructions `h_hat` come to residual rows `h`. Sums only, so that rows can be streamed; SAELens' name of each measure is
 * given where it has one. Explained variance needs the mean of all rows and is made of `errors` and `RowMoments.byDocument`.
 */

export interface ReconstructionFacts {
  rows: number;
  /** Mean of `||h - h_hat||^2 / d_model`. */
  meanSquaredError: number;
  /** Mean of `cos(h, h_hat)`; rows of which one is zero count as 0. SAELens: `cossim`. */
  cosineSimilarity: number;
  /** Mean of `||h_hat|| / ||h||`; below 1 is shrinkage. SAELens: `l2_ratio`. */
  relativeNorm: number;
  /** `sum ||h_hat||^2 / sum h . h_hat`; 1 is unbiased, below 1 is shrinkage (arXiv 2404.16014, equation 10). */
  relativeReconstructionBias: number;
  /**
   * Mean over rows of `1 - ||h - h_hat||^2 / ||h - m||^2`, `m` the mean row of the batch that the row came in: short rows weigh as much
   * as long ones, so it lies below the ratio of sums. SAELens: `explained_variance_legacy`.
   */
  explainedVariancePerRow: number;
}

export interface ReconstructionBatch {
  /** `[N, D]` */
  rows: Float32Array;
  /** `[N, D]` */
  reconstructed: Float32Array;
  /** Number of the document of each row, `[N]`. */
  documents: Int32Array;
  /** Mean row of the batch, `[D]`. */
  batchMean: Float64Array;
}

export class ReconstructionStats {
  readonly #dModel: number;
  /** Sum over a document's rows of `||h - h_hat||^2`, by document number. */
  readonly errors = new Map<number, number>();
  #rows = 0;
  #cosine = 0;
  #ratio = 0;
  #squaresOut = 0;
  #products = 0;
  #perRow = 0;

  constructor({ dModel }: { dModel: number }) {
    this.#dModel = dModel;
  }

  add({ rows, reconstructed, documents, batchMean }: ReconstructionBatch): void {
    const size = this.#dModel;
    documents.forEach((document, row) => {
      let error = 0;
      let variation = 0;
      let squaresIn = 0;
      let squaresOut = 0;
      let product = 0;
      for (let i = 0, at = row * size; i < size; i++, at++) {
        const h = rows[at] ?? 0;
        const out = reconstructed[at] ?? 0;
        error += (h - out) ** 2;
        variation += (h - (batchMean[i] ?? 0)) ** 2;
        squaresIn += h * h;
        squaresOut += out * out;
        product += h * out;
      }
      this.errors.set(document, (this.errors.get(document) ?? 0) + error);
      this.#rows += 1;
      this.#cosine += product === 0 ? 0 : product / Math.sqrt(squaresIn * squaresOut);
      this.#ratio += squaresIn === 0 ? 0 : Math.sqrt(squaresOut / squaresIn);
      this.#squaresOut += squaresOut;
      this.#products += product;
      this.#perRow += variation === 0 ? 0 : 1 - error / variation;
    });
  }

  /** NaN throughout where no row was added. */
  facts(): ReconstructionFacts {
    const rows = this.#rows;
    const error = [...this.errors.values()].reduce((sum, each) => sum + each, 0);
    return {
      rows,
      meanSquaredError: error / rows / this.#dModel,
      cosineSimilarity: this.#cosine / rows,
      relativeNorm: this.#ratio / rows,
      relativeReconstructionBias: this.#squaresOut / this.#products,
      explainedVariancePerRow: this.#perRow / rows,
    };
  }
}

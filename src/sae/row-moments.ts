/** Count, mean and spread of residual rows, in total and by document, in one pass over them. */

export interface DocumentMoments {
  rows: number;
  /** Sum over the document's rows of `||h - mean||^2`, with the mean of all rows of all documents. */
  variation: number;
}

interface Sums {
  rows: number;
  squares: number;
  sum: Float64Array;
}

export class RowMoments {
  readonly #dModel: number;
  readonly #documents = new Map<number, Sums>();

  constructor({ dModel }: { dModel: number }) {
    this.#dModel = dModel;
  }

  /** @param rows `[N, D]` @param documents number of the document of each row, `[N]` */
  add({ rows, documents }: { rows: Float32Array; documents: Int32Array }): void {
    documents.forEach((document, row) => {
      const sums = this.#sumsOf(document);
      sums.rows += 1;
      for (let i = 0, at = row * this.#dModel; i < this.#dModel; i++, at++) {
        const value = rows[at] ?? 0;
        sums.squares += value * value;
        sums.sum[i] = (sums.sum[i] ?? 0) + value;
      }
    });
  }

  get rows(): number {
    return [...this.#documents.values()].reduce((total, { rows }) => total + rows, 0);
  }

  /** Mean row, `[D]`; zeros where there are no rows. */
  mean(): Float64Array {
    const { rows } = this;
    const mean = new Float64Array(this.#dModel);
    for (const { sum } of this.#documents.values()) {
      sum.forEach((value, i) => {
        mean[i] = (mean[i] ?? 0) + value / rows;
      });
    }
    return mean;
  }

  /** By document number, in the order in which they came. */
  byDocument(): Map<number, DocumentMoments> {
    const mean = this.mean();
    const ofMean = dot(mean, mean);
    return new Map(
      [...this.#documents].map(([document, { rows, squares, sum }]) => [
        document,
        // rounding could leave a document of equal rows a little below 0
        { rows, variation: Math.max(0, squares - 2 * dot(mean, sum) + rows * ofMean) },
      ]),
    );
  }

  #sumsOf(document: number): Sums {
    const known = this.#documents.get(document);
    if (known !== undefined) return known;
    const made = { rows: 0, squares: 0, sum: new Float64Array(this.#dModel) };
    this.#documents.set(document, made);
    return made;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Which tokens a direction promotes and suppresses most, found while the vocabulary passes by in pieces. */

export interface TokenRanks {
  /** Token ids, the most promoted first, `[directions, count]`. */
  promoted: Int32Array;
  /** Their logits per unit of the direction, less the mean over the vocabulary. */
  promotedLogits: Float32Array;
  /** The most suppressed first. */
  suppressed: Int32Array;
  suppressedLogits: Float32Array;
}

/** The highest and lowest values of each row, found piece by piece. */
export class RankTable {
  readonly #count: number;
  readonly #high: Float32Array;
  readonly #low: Float32Array;
  readonly #highIds: Int32Array;
  readonly #lowIds: Int32Array;
  readonly #sums: Float64Array;

  constructor({ rows, count }: { rows: number; count: number }) {
    this.#count = count;
    this.#high = new Float32Array(rows * count).fill(Number.NEGATIVE_INFINITY);
    this.#low = new Float32Array(rows * count).fill(Number.NEGATIVE_INFINITY);
    this.#highIds = new Int32Array(rows * count).fill(-1);
    this.#lowIds = new Int32Array(rows * count).fill(-1);
    this.#sums = new Float64Array(rows);
  }

  offer({ row, values, start }: { row: number; values: Float32Array; start: number }): void {
    const last = (row + 1) * this.#count - 1;
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      sum += value;
      if (value > (this.#high[last] ?? 0)) {
        insert({ values: this.#high, ids: this.#highIds, last, count: this.#count, value, id: start + i });
      }
      if (-value > (this.#low[last] ?? 0)) {
        insert({
          values: this.#low,
          ids: this.#lowIds,
          last,
          count: this.#count,
          value: -value,
          id: start + i,
        });
      }
    }
    this.#sums[row] = (this.#sums[row] ?? 0) + sum;
  }

  finish(vocabulary: number): TokenRanks {
    const centred = (values: Float32Array, sign: number) =>
      values.map((value, i) => sign * value - (this.#sums[Math.floor(i / this.#count)] ?? 0) / vocabulary);
    return {
      promoted: this.#highIds,
      promotedLogits: centred(this.#high, 1),
      suppressed: this.#lowIds,
      suppressedLogits: centred(this.#low, -1),
    };
  }
}

/** Puts a value that is higher than the last one of a list in descending order into its place; of equals the earlier stays in front. */
function insert({
  values,
  ids,
  last,
  count,
  value,
  id,
}: {
  values: Float32Array;
  ids: Int32Array;
  last: number;
  count: number;
  value: number;
  id: number;
}): void {
  let at = last;
  for (; at > last - count + 1 && value > (values[at - 1] ?? 0); at--) {
    values[at] = values[at - 1] ?? 0;
    ids[at] = ids[at - 1] ?? 0;
  }
  values[at] = value;
  ids[at] = id;
}

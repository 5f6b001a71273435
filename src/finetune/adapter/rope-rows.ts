/**
 * The order of rows of query and key projections. transformers rotates feature i of a head together with feature i + half; llama.cpp's `llama`
 * graph rotates neighbours, so its converter interleaves the two halves of each head (`permute` in conversion/llama.py). The output rows of an
 * adapter's `b` have to follow. Other architectures rotate halves in llama.cpp too and keep their order.
 */

export interface RowOrder {
  /** `[rows, columns]` */
  values: Float32Array;
  /** Attention heads that the rows belong to: key heads for keys. */
  heads: number;
  columns: number;
}

/** Rows in transformers' order to rows in GGUF's. Throws RangeError where the rows are no even number for each head. */
export function interleaveHalves(order: RowOrder): Float32Array {
  return moved(order, (half, pair, side) => [2 * pair + side, side * half + pair]);
}

/** The way back. */
export function separateHalves(order: RowOrder): Float32Array {
  return moved(order, (half, pair, side) => [side * half + pair, 2 * pair + side]);
}

function moved(
  { values, heads, columns }: RowOrder,
  places: (half: number, pair: number, side: number) => [to: number, from: number],
): Float32Array {
  const rows = values.length / columns;
  const half = rows / heads / 2;
  if (!Number.isInteger(half)) throw new RangeError(`${rows} rows of ${heads} heads are no pairs`);
  const out = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    const first = head * 2 * half;
    for (let pair = 0; pair < half; pair++) {
      for (const side of [0, 1]) {
        const [to, from] = places(half, pair, side);
        const start = (first + from) * columns;
        out.set(values.subarray(start, start + columns), (first + to) * columns);
      }
    }
  }
  return out;
}

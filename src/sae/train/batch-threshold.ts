/** The value above which a batch has a given number of entries, found in two passes over the bits of positive floats. */

const BINS = 1 << 16;

/**
 * The `count`-th largest of the positive float32 values in `lists`; 0 if there are fewer.
 * Positive floats have the order of their bits, so a histogram of the high halves finds the bin, one of the low halves the value.
 */
export function countThreshold({
  values,
  room,
  counts,
  rows,
  count,
}: {
  /** Bits of the values: row i owns `[i * room, i * room + counts[i])`. */
  values: Int32Array;
  room: number;
  counts: Int32Array;
  rows: number;
  count: number;
}): number {
  const histogram = new Uint32Array(BINS);
  const fill = (binOf: (bits: number) => number): void => {
    histogram.fill(0);
    for (let row = 0; row < rows; row++) {
      const end = row * room + (counts[row] ?? 0);
      for (let at = row * room; at < end; at++) {
        const bin = binOf(values[at] ?? 0);
        if (bin >= 0) histogram[bin] = (histogram[bin] ?? 0) + 1;
      }
    }
  };
  const find = (wanted: number): { bin: number; above: number } | null => {
    let above = 0;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      const here = histogram[bin] ?? 0;
      if (above + here >= wanted) return { bin, above };
      above += here;
    }
    return null;
  };
  fill((bits) => bits >>> 16);
  const high = find(count);
  if (high === null) return 0;
  fill((bits) => (bits >>> 16 === high.bin ? bits & 0xffff : -1));
  const low = find(count - high.above);
  const bits = Int32Array.of((high.bin << 16) | (low?.bin ?? 0));
  return new Float32Array(bits.buffer)[0] ?? 0;
}

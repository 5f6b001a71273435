/** Selection of the k-th largest value in one pass, for a hook that runs at every token. */

/**
 * The k-th largest value of `values[offset, offset + length)`; NaN never counts, too few values give -Infinity.
 * A min-heap of the k best so far: nearly every value costs one comparison when k is much smaller than the row.
 * @param heap scratch of at least k elements, so that a hot path allocates nothing.
 */
export function kthLargest({
  values,
  k,
  offset = 0,
  length = values.length - offset,
  heap = new Float32Array(k),
}: {
  values: Float32Array;
  k: number;
  offset?: number;
  length?: number;
  heap?: Float32Array;
}): number {
  heap.fill(Number.NEGATIVE_INFINITY, 0, k);
  let least = Number.NEGATIVE_INFINITY;
  const end = offset + length;
  for (let i = offset; i < end; i++) {
    const value = values[i] ?? Number.NaN;
    if (!(value > least)) continue;
    sinkRoot({ heap, k, value });
    least = heap[0] ?? Number.NEGATIVE_INFINITY;
  }
  return least;
}

/** Replaces the root of a min-heap by `value`. */
function sinkRoot({ heap, k, value }: { heap: Float32Array; k: number; value: number }): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= k) break;
    if (child + 1 < k && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child += 1;
    const smaller = heap[child] ?? 0;
    if (smaller >= value) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = value;
}

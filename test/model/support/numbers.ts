/** Small numeric helpers of the model tests. */

export function rowOf(values: Float32Array, row: number, columns: number): Float32Array {
  return values.subarray(row * columns, (row + 1) * columns);
}

export function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** `||a - b|| / ||b||` of one row. */
export function relativeError(a: Float32Array, b: Float32Array): number {
  return norm(a.map((value, i) => value - at(b, i))) / norm(b);
}

export function maxDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} numbers against ${b.length}`);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - at(b, i))), 0);
}

/** An element that has to be there. */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} among ${values.length}`);
  return value;
}

/** Natural-log probabilities of a row of logits, in double precision. */
export function logSoftmax(logits: Float32Array): Float64Array {
  const max = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - max), 0);
  return Float64Array.from(logits, (value) => value - max - Math.log(sum));
}

/** The indexes of the `count` greatest values, greatest first. */
export function topIndexes(values: Float32Array, count: number): number[] {
  return Array.from(values.keys())
    .sort((a, b) => at(values, b) - at(values, a))
    .slice(0, count);
}

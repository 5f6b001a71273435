/** Rows that are far longer than the others (attention sinks) would take over the loss of a dictionary. */

export interface DropOutliersOptions {
  /** `[count, d_model]`; the kept rows are moved to its start, in their order. */
  values: Float32Array;
  count: number;
  dModel: number;
  /** Rows whose norm exceeds so many times the median norm are dropped; at least 1. */
  ratio: number;
}

/** Returns the number of rows kept: at least half of them, since the median row is never dropped. */
export function dropOutliers({ values, count, dModel, ratio }: DropOutliersOptions): number {
  const norms = Float64Array.from({ length: count }, (_, row) => {
    let squares = 0;
    for (let at = row * dModel; at < (row + 1) * dModel; at++) squares += (values[at] ?? 0) ** 2;
    return Math.sqrt(squares);
  });
  const median = norms.toSorted()[Math.floor((count - 1) / 2)] ?? 0;
  let kept = 0;
  norms.forEach((norm, row) => {
    if (norm > ratio * median) return;
    if (kept !== row) values.copyWithin(kept * dModel, row * dModel, (row + 1) * dModel);
    kept += 1;
  });
  return kept;
}

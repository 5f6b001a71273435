/** Where a cloud of rows has its middle, and how long its rows are. */

/** Mean of the rows, `[d_model]`. */
export function meanRow({ rows, dModel }: { rows: Float32Array; dModel: number }): Float64Array {
  const mean = new Float64Array(dModel);
  const count = rows.length / dModel;
  for (let at = 0; at < rows.length; at++) {
    const column = at % dModel;
    mean[column] = (mean[column] ?? 0) + (rows[at] ?? 0) / count;
  }
  return mean;
}

/** Mean norm of the rows. */
export function meanNorm({ rows, dModel }: { rows: Float32Array; dModel: number }): number {
  const count = rows.length / dModel;
  let total = 0;
  for (let row = 0; row < count; row++) total += Math.sqrt(squaredDistance(rows, row, dModel, null));
  return total / count;
}

/** Steps of Weiszfeld's iteration at most, and the step length over the mean distance at which it ends. */
const MOST_STEPS = 32;
const TOLERANCE = 1e-4;

/** The point with the smallest sum of distances (Weiszfeld's iteration from the mean), `[d_model]`. */
export function geometricMedian({ rows, dModel }: { rows: Float32Array; dModel: number }): Float64Array {
  const count = rows.length / dModel;
  let middle = meanRow({ rows, dModel });
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = new Float64Array(dModel);
    let weights = 0;
    let distances = 0;
    for (let row = 0; row < count; row++) {
      const distance = Math.sqrt(squaredDistance(rows, row, dModel, middle));
      const weight = 1 / Math.max(distance, 1e-12);
      weights += weight;
      distances += distance;
      for (let c = 0; c < dModel; c++) next[c] = (next[c] ?? 0) + weight * (rows[row * dModel + c] ?? 0);
    }
    let moved = 0;
    for (let c = 0; c < dModel; c++) {
      const value = (next[c] ?? 0) / weights;
      moved += (value - (middle[c] ?? 0)) ** 2;
      next[c] = value;
    }
    middle = next;
    if (Math.sqrt(moved) <= (TOLERANCE * distances) / count) break;
  }
  return middle;
}

function squaredDistance(rows: Float32Array, row: number, dModel: number, from: Float64Array | null): number {
  let sum = 0;
  for (let c = 0; c < dModel; c++) sum += ((rows[row * dModel + c] ?? 0) - (from?.[c] ?? 0)) ** 2;
  return sum;
}

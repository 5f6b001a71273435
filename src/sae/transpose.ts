/** Blocked transpose, so that neither side is walked with a stride longer than the cache holds. */

const BLOCK = 64;

/** Writes `source` `[rows, columns]` into columns `[at, at + rows)` of `target` `[columns, targetColumns]`. */
export function transposeInto({
  source,
  rows,
  columns,
  target,
  targetColumns,
  at,
}: {
  source: Float32Array;
  rows: number;
  columns: number;
  target: Float32Array;
  targetColumns: number;
  at: number;
}): void {
  for (let columnBlock = 0; columnBlock < columns; columnBlock += BLOCK) {
    const columnEnd = Math.min(columnBlock + BLOCK, columns);
    for (let rowBlock = 0; rowBlock < rows; rowBlock += BLOCK) {
      const rowEnd = Math.min(rowBlock + BLOCK, rows);
      for (let column = columnBlock; column < columnEnd; column++) {
        const out = column * targetColumns + at;
        for (let row = rowBlock; row < rowEnd; row++) target[out + row] = source[row * columns + column] ?? 0;
      }
    }
  }
}

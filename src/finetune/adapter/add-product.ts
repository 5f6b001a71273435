/** The update of some rows of a matrix. */
import type { LoraFactors, LoraShape } from "../types.ts";
import { inputsOf } from "./lora-adapter.ts";

/** Adds `(alpha / rank) B A` of the rows from `start` on to `rows` `[count, inputs]`, in place; summed in double precision. */
export function addProduct({
  rows,
  start,
  factors,
  shape,
}: {
  rows: Float32Array;
  start: number;
  factors: Pick<LoraFactors, "a" | "b">;
  shape: Pick<LoraShape, "rank" | "alpha">;
}): void {
  const { a, b } = factors;
  const { rank, alpha } = shape;
  const inputs = inputsOf(factors, shape);
  const sum = new Float64Array(inputs);
  for (let row = 0; row < rows.length / inputs; row++) {
    sum.fill(0);
    for (let r = 0; r < rank; r++) {
      const weight = ((b[(start + row) * rank + r] ?? 0) * alpha) / rank;
      if (weight === 0) continue;
      for (let i = 0; i < inputs; i++) sum[i] = (sum[i] ?? 0) + weight * (a[r * inputs + i] ?? 0);
    }
    for (let i = 0; i < inputs; i++) rows[row * inputs + i] = (rows[row * inputs + i] ?? 0) + (sum[i] ?? 0);
  }
}

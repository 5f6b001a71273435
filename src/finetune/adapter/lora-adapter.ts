/** A LoRA adapter in memory, as every format here reads and writes it. */
import { type LoraFactors, type LoraShape, MATRIX_NAMES, type MatrixName } from "../types.ts";

export interface LoraAdapter {
  shape: LoraShape;
  /** By block, then in the order of `MATRIX_NAMES`. */
  factors: LoraFactors[];
}

/** The same factors in the one order that files have, so that equal adapters are equal files. */
export function sortedFactors(factors: readonly LoraFactors[]): LoraFactors[] {
  const place = (matrix: MatrixName) => MATRIX_NAMES.indexOf(matrix);
  return factors.toSorted((a, b) => a.layer - b.layer || place(a.matrix) - place(b.matrix));
}

/** What factors adapt, and by which scale. */
export function adapterOf({
  factors,
  rank,
  alpha,
  dropout,
}: { factors: readonly LoraFactors[] } & Pick<LoraShape, "rank" | "alpha" | "dropout">): LoraAdapter {
  const matrices = new Set(factors.map(({ matrix }) => matrix));
  const layers = new Set(factors.map(({ layer }) => layer));
  return {
    shape: {
      rank,
      alpha,
      dropout,
      matrices: MATRIX_NAMES.filter((name) => matrices.has(name)),
      layers: [...layers].sort((a, b) => a - b),
    },
    factors: sortedFactors(factors),
  };
}

/** Rows of `b`. */
export function outputsOf({ b }: Pick<LoraFactors, "b">, { rank }: Pick<LoraShape, "rank">): number {
  return b.length / rank;
}

/** Columns of `a`. */
export function inputsOf({ a }: Pick<LoraFactors, "a">, { rank }: Pick<LoraShape, "rank">): number {
  return a.length / rank;
}

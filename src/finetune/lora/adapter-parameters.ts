/** The trained numbers, flat: for each adapted matrix its A and then its B, transposed. */
import { createRng } from "../../stats/rng.ts";
import type { LoraFactors, LoraShape, MatrixName } from "../types.ts";
import type { FrozenBlock } from "./frozen-weights.ts";

/** Where the factors of one matrix lie. */
export interface AdapterSlot {
  layer: number;
  matrix: MatrixName;
  inputs: number;
  outputs: number;
  rank: number;
  /** First number of A, `[rank, inputs]`, and of B transposed, `[rank, outputs]`. */
  aAt: number;
  bAt: number;
}

/** Slots in the order of layers and matrices of the shape. Throws RangeError for a layer that the model lacks. */
export function adapterSlots({
  shape: { rank, layers, matrices },
  blocks,
}: {
  shape: LoraShape;
  blocks: readonly FrozenBlock[];
}): AdapterSlot[] {
  let at = 0;
  return layers.flatMap((layer) =>
    matrices.map((matrix) => {
      const block = blocks[layer];
      if (block === undefined) throw new RangeError(`the model has no block ${layer}`);
      const { inputs, outputs } = block.matrices[matrix];
      const slot = { layer, matrix, inputs, outputs, rank, aAt: at, bAt: at + rank * inputs };
      at += rank * (inputs + outputs);
      return slot;
    }),
  );
}

export function parameterCount(slots: readonly AdapterSlot[]): number {
  return slots.reduce((sum, { rank, inputs, outputs }) => sum + rank * (inputs + outputs), 0);
}

/** As PEFT begins: A uniform within `1 / sqrt(inputs)` (He initialisation with a = sqrt(5)), B zero. */
export function initialParameters({
  slots,
  seed,
}: {
  slots: readonly AdapterSlot[];
  seed: number;
}): Float32Array {
  const values = new Float32Array(parameterCount(slots));
  for (const [stream, { aAt, bAt, inputs }] of slots.entries()) {
    const rng = createRng({ seed, stream });
    const bound = 1 / Math.sqrt(inputs);
    for (let at = aAt; at < bAt; at++) values[at] = (2 * rng.next() - 1) * bound;
  }
  return values;
}

/** Copies in the form of PEFT; the rows of B are in the order of the GGUF file's matrix. */
export function factorsOf({
  slots,
  values,
}: {
  slots: readonly AdapterSlot[];
  values: Float32Array;
}): LoraFactors[] {
  return slots.map(({ layer, matrix, outputs, rank, aAt, bAt }) => {
    const b = new Float32Array(outputs * rank);
    for (let output = 0; output < outputs; output++) {
      for (let r = 0; r < rank; r++) b[output * rank + r] = values[bAt + r * outputs + output] ?? 0;
    }
    return { layer, matrix, a: values.slice(aAt, bAt), b };
  });
}

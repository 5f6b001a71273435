/**
 * Dropout masks that depend on nothing but their keys. A mask of its own for each number would cost more than the products that it is
 * for; so each width has a fixed pool of rows, drawn once from the seed, and every row of every product draws one of them.
 */
import type { GraphBuilder, Tensor } from "../../engine/llama/graph-builder.ts";
import { TensorShelf, writeTensor } from "../../engine/llama/tensor-shelf.ts";
import { createRng } from "../../stats/rng.ts";

const POOL_ROWS = 2048;
/** Streams of the seed above those of the first weights. */
const FIRST_STREAM = 2 ** 31;

export interface DropoutPool {
  /** A mask `[inputs, rows]` of zeros and `1 / (1 - dropout)`; the input that it adds to the graph, and its values, drawn from the key. */
  mask(options: { graph: GraphBuilder; inputs: number; rows: number; key: readonly number[] }): {
    mask: Tensor;
    input: { tensor: Tensor; values: Int32Array };
  };
  close(): void;
}

/** `widths` are the inputs of adapted matrices. */
export function openDropoutPool({
  dropout,
  seed,
  widths,
}: {
  dropout: number;
  seed: number;
  widths: readonly number[];
}): DropoutPool {
  const distinct = [...new Set(widths)];
  const shelf = new TensorShelf({ count: distinct.length });
  const pools = new Map(
    distinct.map((columns) => [columns, shelf.add({ type: "f32", columns, rows: POOL_ROWS })]),
  );
  shelf.allocate();
  for (const [index, [columns, pool]] of [...pools].entries()) {
    const rng = createRng({ seed, stream: FIRST_STREAM + index });
    const kept = 1 / (1 - dropout);
    writeTensor(
      pool,
      Float32Array.from({ length: columns * POOL_ROWS }, () => (rng.next() < dropout ? 0 : kept)),
    );
  }
  return {
    mask: ({ graph, inputs, rows, key }) => {
      const pool = pools.get(inputs);
      if (pool === undefined) throw new RangeError(`there is no pool for ${inputs} inputs`);
      const tensor = graph.input({ type: "i32", shape: [rows] });
      const rng = createRng({ seed, stream: hash(key) });
      const values = Int32Array.from({ length: rows }, () => rng.below(POOL_ROWS));
      return { mask: graph.getRows(pool, tensor), input: { tensor, values } };
    },
    close: () => shelf.close(),
  };
}

/** FNV-1a over the 32-bit words of whole numbers below 2^53. */
function hash(key: readonly number[]): number {
  const words = key.flatMap((each) => [each >>> 0, Math.floor(each / 2 ** 32) >>> 0]);
  return words.reduce((sum, word) => Math.imul(sum ^ word, 0x01000193), 0x811c9dc5) >>> 0;
}

/**
 * Which pieces (token sequences, runs of a file) make up which block of rows in an epoch. It follows from the pieces' row counts alone, so
 * that any block of any epoch can be made without the ones before it.
 */
import { createRng, type Rng } from "../stats/rng.ts";

/** Streams of a seed that belong to one epoch: the first orders the pieces, the others shuffle the rows of its blocks. */
const STREAMS_OF_EPOCH = 65_536;

export interface EpochPlanOptions {
  /** Rows of each piece, all above 0. */
  rows: readonly number[];
  /** Rows of a block; one of about equal blocks may exceed it by less than a piece. */
  blockRows: number;
  seed: number;
  epoch: number;
}

/** Pieces of each block, in the epoch's order: every piece once. Throws RangeError for more blocks than there are streams. */
export function planEpoch({ rows, blockRows, seed, epoch }: EpochPlanOptions): number[][] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const count = Math.ceil(total / blockRows);
  if (count >= STREAMS_OF_EPOCH) {
    throw new RangeError(
      `${total} rows in blocks of ${blockRows} are ${count} blocks, at most ${STREAMS_OF_EPOCH - 1}`,
    );
  }
  const order = Uint32Array.from(rows.keys());
  shuffle({ values: order, rng: createRng({ seed, stream: epoch * STREAMS_OF_EPOCH }) });
  const blocks: number[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const piece of order) {
    // equal blocks: a small last one would be shuffled among few documents only
    blocks[Math.floor((before * count) / total)]?.push(piece);
    before += rows[piece] ?? 0;
  }
  return blocks.filter((pieces) => pieces.length > 0);
}

/** Most rows that a block of any epoch can have. */
export function mostBlockRows({ rows, blockRows }: Pick<EpochPlanOptions, "rows" | "blockRows">): number {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const longest = rows.reduce((most, count) => Math.max(most, count), 0);
  return Math.min(total, blockRows + longest);
}

/** The order in which a block's `count` rows are given out. */
export function rowOrder({
  count,
  seed,
  epoch,
  block,
}: {
  count: number;
  seed: number;
  epoch: number;
  block: number;
}): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  shuffle({ values: order, rng: createRng({ seed, stream: epoch * STREAMS_OF_EPOCH + block + 1 }) });
  return order;
}

/** Fisher and Yates, in place. */
function shuffle({ values, rng }: { values: Uint32Array; rng: Rng }): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const held = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = held;
  }
}

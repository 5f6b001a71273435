/**
 * Rows for training in a random order that can be taken up anywhere: pieces are shuffled for each epoch, gathered into blocks, and the rows
 * of each block are shuffled and given out. The next block is loaded while the current one is used.
 */
import { setImmediate } from "node:timers/promises";
import { throwIfAborted } from "../model/aborted.ts";
import type { ActivationPosition, ActivationSource } from "../sae/train/activation-source.ts";
import { mostBlockRows, planEpoch, rowOrder } from "./block-plan.ts";

/** Writes the rows of the pieces, one piece after the other, to the start of `target`; returns how many rows it kept. */
export type LoadBlock = (options: {
  pieces: readonly number[];
  target: Float32Array;
  signal: AbortSignal;
}) => Promise<number>;

/** A block as it was loaded. */
export interface LoadedBlock {
  epoch: number;
  block: number;
  rows: number;
  /** Rows that the loader did not keep. */
  dropped: number;
}

export interface BlockSourceOptions {
  dModel: number;
  /** Rows of each piece, all above 0; at least one piece. */
  rows: readonly number[];
  load: LoadBlock;
  blockRows: number;
  seed: number;
  /** @default the beginning */
  position?: ActivationPosition | undefined;
  onBlock?: ((block: LoadedBlock) => void) | undefined;
}

/** A source that can say where it stands, and be opened there. */
export interface ShuffledSource extends ActivationSource {
  position(): ActivationPosition;
}

interface Block {
  values: Float32Array;
  order: Uint32Array;
}

/** Starts to load the first block at once. The source has no end: after the last block of an epoch comes the next epoch. */
export function openBlockSource(options: BlockSourceOptions): ShuffledSource {
  return new BlockSource(options);
}

class BlockSource implements ShuffledSource {
  readonly dModel: number;
  readonly #options: BlockSourceOptions;
  readonly #closing = new AbortController();
  readonly #plans = new Map<number, number[][]>();
  /** Memory of blocks that are not in use: there are two, the one that is given out and the one that is loaded. */
  readonly #spare: Float32Array[];
  #position: ActivationPosition;
  /** The block of `#position`; null until it is loaded. */
  #current: Block | null = null;
  /** The block of `#position`, or, where that is loaded already, the one after it. */
  #coming: Promise<Block>;

  constructor(options: BlockSourceOptions) {
    const { rows, dModel, blockRows, position = { epoch: 0, block: 0, taken: 0 } } = options;
    if (rows.length === 0 || rows.some((count) => count < 1)) {
      throw new RangeError("a source of rows needs at least one piece, and rows in every piece");
    }
    this.dModel = dModel;
    this.#options = options;
    const numbers = mostBlockRows({ rows, blockRows }) * dModel;
    this.#spare = [new Float32Array(numbers), new Float32Array(numbers)];
    this.#position = { ...position };
    this.#coming = this.#load(position);
  }

  async next({ max, signal }: { max: number; signal?: AbortSignal | undefined }): Promise<Float32Array> {
    const { dModel } = this;
    const rows = new Float32Array(max * dModel);
    let filled = 0;
    while (filled < max) {
      const { values, order } = await this.#loaded(signal);
      const { taken } = this.#position;
      const chosen = order.subarray(taken, taken + max - filled);
      for (const row of chosen) {
        rows.set(values.subarray(row * dModel, (row + 1) * dModel), filled * dModel);
        filled += 1;
      }
      this.#position.taken += chosen.length;
      if (this.#position.taken >= order.length) {
        this.#spare.push(values);
        this.#current = null;
        this.#position = this.#after(this.#position);
      }
    }
    // a caller that never waits for anything else would keep the engine's answers out
    await setImmediate();
    return rows;
  }

  position(): ActivationPosition {
    return { ...this.#position };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#coming.catch(() => undefined);
  }

  /** The block of the position. The one after it begins to load as soon as there is memory for it. */
  async #loaded(signal: AbortSignal | undefined): Promise<Block> {
    if (this.#current === null) {
      this.#current = await unlessAborted({ work: this.#coming, signal });
      this.#coming = this.#load(this.#after(this.#position));
    }
    return this.#current;
  }

  #load(position: ActivationPosition): Promise<Block> {
    const block = this.#read(position);
    // whoever needs the block is told of the failure; until then it is no unhandled one
    block.catch(() => undefined);
    return block;
  }

  async #read({ epoch, block }: ActivationPosition): Promise<Block> {
    const { load, rows, seed, onBlock } = this.#options;
    const pieces = this.#planOf(epoch)[block];
    const target = this.#spare.pop();
    if (pieces === undefined || target === undefined) {
      throw new RangeError(`epoch ${epoch} has no block ${block}`);
    }
    const count = await load({ pieces, target, signal: this.#closing.signal });
    const all = pieces.reduce((sum, piece) => sum + (rows[piece] ?? 0), 0);
    onBlock?.({ epoch, block, rows: count, dropped: all - count });
    return { values: target, order: rowOrder({ count, seed, epoch, block }) };
  }

  #after({ epoch, block }: ActivationPosition): ActivationPosition {
    return block + 1 < this.#planOf(epoch).length
      ? { epoch, block: block + 1, taken: 0 }
      : { epoch: epoch + 1, block: 0, taken: 0 };
  }

  #planOf(epoch: number): number[][] {
    const known = this.#plans.get(epoch);
    if (known !== undefined) return known;
    const { rows, blockRows, seed } = this.#options;
    const plan = planEpoch({ rows, blockRows, seed, epoch });
    // the block that is used and the one that is loaded lie in at most two epochs
    this.#plans.delete(epoch - 2);
    this.#plans.set(epoch, plan);
    return plan;
  }
}

/** The work's result, unless the signal fires first: then ABORTED, and the work goes on. */
async function unlessAborted<T>({
  work,
  signal,
}: {
  work: Promise<T>;
  signal: AbortSignal | undefined;
}): Promise<T> {
  const stopped = Promise.withResolvers<void>();
  const onAbort = () => stopped.resolve();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal?.aborted !== true) await Promise.race([work, stopped.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  throwIfAborted({ signal, what: "Waiting for activations" });
  return work;
}

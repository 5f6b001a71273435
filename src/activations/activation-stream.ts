/** Residual rows of a corpus, captured by the engine while they are used. */
import type { Engine } from "../engine/engine.ts";
import type { ActivationPosition } from "../sae/train/activation-source.ts";
import { type LoadedBlock, openBlockSource, type ShuffledSource } from "./block-source.ts";
import { captureRows, rowsOf } from "./capture-rows.ts";
import type { TokenWindow } from "./document-tokens.ts";
import { dropOutliers } from "./drop-outliers.ts";

export interface ActivationStreamOptions {
  engine: Engine;
  /** At least one, each with rows to keep. */
  windows: readonly TokenWindow[];
  /** Block whose output is captured. */
  layer: number;
  /** Rows of a block, within which rows are shuffled; two blocks are in memory. */
  blockRows: number;
  seed: number;
  /** Rows whose norm exceeds so many times their block's median are dropped; null keeps all. @default null */
  maxNormRatio?: number | null;
  /** @default the beginning */
  position?: ActivationPosition | undefined;
  onBlock?: ((block: LoadedBlock) => void) | undefined;
}

/**
 * Rows in an order that depends on the windows and the seed alone: a stream that is opened at another's position gives exactly the rows
 * that the other would have given next, because the engine's captures do not depend on what else is in the batch.
 */
export function openActivationStream(options: ActivationStreamOptions): ShuffledSource {
  const { engine, windows, layer, maxNormRatio = null, ...shuffle } = options;
  const { dModel } = engine.info;
  return openBlockSource({
    ...shuffle,
    dModel,
    rows: windows.map(rowsOf),
    load: async ({ pieces, target, signal }) => {
      const chosen = pieces.flatMap((piece) => windows[piece] ?? []);
      const count = await captureRows({ engine, windows: chosen, layer, target, signal });
      return maxNormRatio === null
        ? count
        : dropOutliers({ values: target, count, dModel, ratio: maxNormRatio });
    },
  });
}

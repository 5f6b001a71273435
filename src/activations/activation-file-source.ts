/** Rows of an activation file in a random order, for training without a model. */
import { setImmediate } from "node:timers/promises";
import type { ActivationPosition } from "../sae/train/activation-source.ts";
import type { ActivationFile } from "./activation-file.ts";
import { type LoadedBlock, openBlockSource, type ShuffledSource } from "./block-source.ts";
import { dropOutliers } from "./drop-outliers.ts";

/** Rows that are read as one piece: neighbours stay together within a block, so pieces are small. */
const PIECE_ROWS = 128;

export interface FileSourceOptions {
  file: ActivationFile;
  /** Rows at the file's end that are not given out, because they are measured on. @default 0 */
  leaveOut?: number;
  blockRows: number;
  seed: number;
  /** As in `openActivationStream`. @default null */
  maxNormRatio?: number | null;
  position?: ActivationPosition | undefined;
  onBlock?: ((block: LoadedBlock) => void) | undefined;
}

/** The file's `rows` without end, shuffled anew in every epoch. The file stays open after the source is closed. */
export function openActivationFileSource({
  file,
  leaveOut = 0,
  maxNormRatio = null,
  ...shuffle
}: FileSourceOptions): ShuffledSource {
  const { dModel } = file;
  const total = file.counts.rows - leaveOut;
  const rows = Array.from({ length: Math.ceil(total / PIECE_ROWS) }, (_, piece) =>
    Math.min(PIECE_ROWS, total - piece * PIECE_ROWS),
  );
  return openBlockSource({
    ...shuffle,
    dModel,
    rows,
    load: async ({ pieces, target, signal }) => {
      let done = 0;
      for (const piece of pieces) {
        signal.throwIfAborted();
        const count = rows[piece] ?? 0;
        target.set(file.read({ part: "rows", row: piece * PIECE_ROWS, count }), done * dModel);
        done += count;
        // reads are synchronous: others get their turn between them
        await setImmediate();
      }
      return maxNormRatio === null
        ? done
        : dropOutliers({ values: target, count: done, dModel, ratio: maxNormRatio });
    },
  });
}

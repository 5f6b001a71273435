/** Reads every piece of a text and puts the rows in the text's order. */
import type { CaptureRequest, Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import type { Piece } from "./pieces.ts";

export interface ReadAllOptions {
  engine: Engine;
  pieces: Piece[];
  layer: number;
  what: CaptureRequest["what"];
  /** Number of columns, known before anything is computed. */
  columns: number;
  signal: AbortSignal;
  onProgress: (progress: { done: number; total: number }) => void;
}

/** The writer hands the file system one array in one call, which takes less than 2 GiB. */
const MOST_BYTES = 2 ** 31 - 4096;

/** Values `[tokens, columns]`. Throws CONFIG_INVALID where they would not fit one file, and what the engine refuses. */
export async function readAll(options: ReadAllOptions): Promise<Float32Array> {
  const { engine, pieces, layer, what, columns, signal, onProgress } = options;
  const total = pieces.reduce((sum, { tokens }) => sum + tokens.length, 0);
  refuseTooLarge({ tokens: total, columns });
  const values = new Float32Array(total * columns);
  let done = 0;
  const starts = new Map(pieces.map(({ start }) => [String(start), start]));
  const requests = pieces.map(({ start, tokens }) => ({ id: String(start), tokens, layer, what }));
  for await (const capture of engine.capture(requests, { signal })) {
    const start = starts.get(capture.id);
    if (start === undefined || capture.columns !== columns) {
      throw new Error(`the engine answered piece ${capture.id} with ${capture.columns} columns`);
    }
    values.set(capture.values, start * columns);
    done += capture.rows;
    onProgress({ done, total });
  }
  return values;
}

function refuseTooLarge({ tokens, columns }: { tokens: number; columns: number }): void {
  const bytes = tokens * columns * 4;
  if (bytes > MOST_BYTES) {
    const most = Math.floor(MOST_BYTES / (columns * 4));
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${tokens} tokens x ${columns} columns would be a file of ${(bytes / 2 ** 30).toFixed(1)} GiB.`,
      why: "One file holds less than 2 GiB of values.",
      todo: `Split the text into files of at most ${most} tokens, or capture chosen latents with --latents.`,
      facts: { tokens, columns, bytes, mostTokens: most },
    });
  }
}

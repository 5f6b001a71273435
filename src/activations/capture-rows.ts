/** Residual rows of token sequences, in the order of the sequences whatever order the engine finishes them in. */
import type { Engine } from "../engine/engine.ts";
import type { TokenWindow } from "./document-tokens.ts";

export interface CaptureRowsOptions {
  engine: Engine;
  windows: readonly TokenWindow[];
  layer: number;
  /** Where the rows go, `[rows, d_model]`; holds at least the rows that the windows keep. */
  target: Float32Array;
  signal?: AbortSignal | undefined;
  /** Called with the rows captured so far. */
  onRows?: ((done: number) => void) | undefined;
}

/** Rows that a window keeps. */
export function rowsOf({ tokens, skip }: TokenWindow): number {
  return tokens.length - skip;
}

/** Returns the number of rows written. Throws what the engine throws. */
export async function captureRows(options: CaptureRowsOptions): Promise<number> {
  const { engine, windows, layer, target, signal, onRows } = options;
  const { dModel } = engine.info;
  const starts: number[] = [];
  let total = 0;
  for (const window of windows) {
    starts.push(total);
    total += rowsOf(window);
  }
  if (total * dModel > target.length) {
    throw new RangeError(`${total} rows of ${dModel} do not fit into ${target.length} numbers`);
  }
  const requests = windows.map(({ tokens }, i) => ({
    id: String(i),
    tokens,
    layer,
    what: { kind: "rows" as const },
  }));
  let done = 0;
  for await (const capture of engine.capture(requests, signal === undefined ? {} : { signal })) {
    const i = Number(capture.id);
    const window = windows[i];
    if (window === undefined || capture.rows !== window.tokens.length || capture.columns !== dModel) {
      throw new Error(
        `the engine answered sequence ${capture.id} with [${capture.rows}, ${capture.columns}]`,
      );
    }
    target.set(capture.values.subarray(window.skip * dModel), (starts[i] ?? 0) * dModel);
    done += rowsOf(window);
    onRows?.(done);
  }
  return total;
}

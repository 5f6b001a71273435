/** How large the residual stream is, which tells what strength makes a dose (DESIGN.md 1). */
import type { Engine } from "../../engine/engine.ts";

export interface MeanNormOptions {
  engine: Pick<Engine, "capture">;
  layer: number;
  /** Token ids of prompts in the chat template. */
  prompts: readonly Int32Array[];
}

/** Mean `||h||` over the rows of the prompts, without the first of each: in many models it is an attention sink with a norm of its own. */
export async function meanNorm({ engine, layer, prompts }: MeanNormOptions): Promise<number> {
  const requests = prompts.map((tokens, i) => ({
    id: String(i),
    tokens,
    layer,
    what: { kind: "rows" as const },
  }));
  let sum = 0;
  let count = 0;
  for await (const { values, columns, rows } of engine.capture(requests)) {
    for (let row = 1; row < rows; row++) {
      sum += Math.hypot(...values.subarray(row * columns, (row + 1) * columns));
      count += 1;
    }
  }
  return sum / Math.max(1, count);
}

/** What the model loses when its residual rows at one layer are replaced: negative log-probabilities, summed by document. */
import type { Engine, Intervention, Replacement, ScoreRequest } from "../engine/engine.ts";
import type { EvaluationWindow } from "./evaluation-windows.ts";

export interface EvaluateLossOptions {
  engine: Engine;
  /** Windows with a scored token. Rows before a window's `skip` stay as they are. */
  windows: readonly EvaluationWindow[];
  layer: number;
  /** null is the model as it is. */
  replacement: Replacement | null;
  signal?: AbortSignal | undefined;
  /** Called after each window. */
  onWindow?: (() => void) | undefined;
}

/** Sum over the scored tokens of a document of `-log p`, in nats, by document number. Throws what the engine throws. */
export async function evaluateLoss(options: EvaluateLossOptions): Promise<Map<number, number>> {
  const { engine, windows, layer, replacement, signal, onWindow } = options;
  const requests = windows.map((window, i): ScoreRequest => {
    const { tokens, skip, scoreFrom } = window;
    const intervention: Intervention | null =
      replacement === null
        ? null
        : {
            layer,
            positions: { kind: "range", start: skip, end: tokens.length },
            edits: [{ kind: "replace", by: replacement }],
          };
    return { id: String(i), tokens, from: scoreFrom, ...(intervention === null ? {} : { intervention }) };
  });
  const losses = new Float64Array(windows.length);
  for await (const { id, logProbs } of engine.score(requests, signal === undefined ? {} : { signal })) {
    losses[Number(id)] = -logProbs.reduce((sum, value) => sum + value, 0);
    onWindow?.();
  }
  // summed in the windows' order, whatever order they came in, so that a run can be repeated to the last bit
  const byDocument = new Map<number, number>();
  windows.forEach(({ document }, i) => {
    byDocument.set(document, (byDocument.get(document) ?? 0) + (losses[i] ?? 0));
  });
  return byDocument;
}

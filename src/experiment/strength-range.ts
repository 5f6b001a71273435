/**
 * Where to look for thresholds on a model of which nothing is known: strengths by dose, `|s| ||d|| / mean ||h||`, which compares across
 * models. On the default model thresholds lie at doses of 0.3 to 0.6; beyond 1.2 text is broken.
 */
import type { Engine } from "../engine/engine.ts";
import type { Dictionary } from "../sae/dictionary.ts";

export interface StrengthRange {
  range: [number, number];
  priorMean: number;
  priorStd: number;
  /** Mean `||h||` over the rows of the prompts, without the first of each. */
  meanNorm: number;
  /** Median `||d_k||` of the latents that were looked at. */
  directionNorm: number;
}

const LARGEST_DOSE = 1.2;
const PRIOR_DOSE = 0.5;
const PRIOR_DOSE_STD = 0.3;
const PROMPTS = 8;
const LATENTS = 64;

export interface MeasureStrengthRangeOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  /** Token ids of prompts in the chat template. */
  prompts: Int32Array[];
}

/** Throws what `capture` throws. Deterministic: the latents that are looked at lie evenly over the dictionary. */
export async function measureStrengthRange(options: MeasureStrengthRangeOptions): Promise<StrengthRange> {
  const { engine, dictionary, layer, prompts } = options;
  const requests = prompts.slice(0, PROMPTS).map((tokens, i) => ({
    id: String(i),
    tokens,
    layer,
    what: { kind: "rows" as const },
  }));
  let norms = 0;
  let rows = 0;
  for await (const { values, columns, rows: count } of engine.capture(requests)) {
    // the first position is an attention sink in many models, with a norm that no other row has
    for (let row = 1; row < count; row++) {
      norms += Math.hypot(...values.subarray(row * columns, (row + 1) * columns));
      rows += 1;
    }
  }
  const step = Math.max(1, Math.floor(dictionary.latents / LATENTS));
  const lengths = Array.from({ length: Math.min(LATENTS, dictionary.latents) }, (_, i) =>
    Math.hypot(...dictionary.direction(i * step)),
  ).toSorted((a, b) => a - b);
  const meanNorm = norms / Math.max(1, rows);
  const directionNorm = lengths[lengths.length >> 1] ?? 1;
  const unit = meanNorm / (directionNorm || 1);
  return {
    range: [0, LARGEST_DOSE * unit],
    priorMean: PRIOR_DOSE * unit,
    priorStd: PRIOR_DOSE_STD * unit,
    meanNorm,
    directionNorm,
  };
}

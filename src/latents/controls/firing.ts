/**
 * How often and how strongly each latent fires in the tensor that a clamp edits. An edit of a block's output changes nothing at or below
 * that block, so the stream that a clamp reads in a steered trial is the one that an unsteered pass over the trial's text gives.
 */
import type { Engine } from "../../engine/engine.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { answerTokens } from "../detectors/answer-tokens.ts";
import type { Answer } from "../detectors/answers.ts";
import { captureLatents } from "../detectors/capture-latents.ts";

export const CLAMP_POSITIONS = ["all", "prompt", "generated"] as const;
/** Which rows the clamp edits. */
export type ClampPositions = (typeof CLAMP_POSITIONS)[number];

export interface Firing {
  /** Rows that were read. */
  rows: number;
  /** Rows on which each latent fires, `[latents]`. */
  active: Float64Array;
  /** Sum of its values over them, `[latents]`. */
  sums: Float64Array;
}

export interface CollectFiringOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  /** The texts of the trials in which latents will be clamped; else unsteered answers. */
  texts: readonly Answer[];
  positions: ClampPositions;
  /** Tokens of an answer that are read at most. */
  maxTokens: number;
  signal?: AbortSignal | undefined;
  onText?: ((done: number) => void) | undefined;
}

/** Throws what the engine throws. */
export async function collectFiring(options: CollectFiringOptions): Promise<Firing> {
  const { engine, dictionary, layer, texts, positions, maxTokens, signal, onText } = options;
  const { latents } = dictionary;
  const firing = { rows: 0, active: new Float64Array(latents), sums: new Float64Array(latents) };
  const reads = await Promise.all(
    texts.map((text) => answerTokens({ engine, ...text, scope: "response", maxTokens })),
  );
  let done = 0;
  for await (const { index, rows, values } of captureLatents({
    engine,
    dictionary,
    layer,
    sequences: reads.map(({ tokens }) => tokens),
    signal,
  })) {
    const promptTokens = reads[index]?.promptTokens ?? 0;
    const from = positions === "generated" ? promptTokens : 0;
    const to = positions === "prompt" ? promptTokens : rows;
    addRows({ firing, values: values.subarray(from * latents, to * latents) });
    done += 1;
    onText?.(done);
  }
  return firing;
}

/** @param values `[rows, latents]` */
export function addRows({ firing, values }: { firing: Firing; values: Float32Array }): void {
  const { active, sums } = firing;
  const latents = active.length;
  firing.rows += values.length / latents;
  values.forEach((value, at) => {
    if (value <= 0) return;
    const k = at % latents;
    active[k] = (active[k] ?? 0) + 1;
    sums[k] = (sums[k] ?? 0) + value;
  });
}

/** Share of the rows on which it fires, and mean value on those; 0 for a silent latent. */
export function firingOf({ firing, latent }: { firing: Firing; latent: number }): {
  frequency: number;
  meanActive: number;
} {
  const active = firing.active[latent] ?? 0;
  if (active === 0) return { frequency: 0, meanActive: 0 };
  return { frequency: active / firing.rows, meanActive: (firing.sums[latent] ?? 0) / active };
}

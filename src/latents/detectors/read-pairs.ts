/** Reads every answer under its own prompt and under others, at the SAE's layer. */
import type { Engine } from "../../engine/engine.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { type AnswerTokens, answerTokens } from "./answer-tokens.ts";
import type { Answer } from "./answers.ts";
import { captureLatents } from "./capture-latents.ts";
import type { Readings } from "./readings.ts";
import type { Pooling, TokenScope } from "./rules.ts";

export interface ReadPairsOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  /** The units; each has at least one answer. */
  prompts: readonly string[];
  /** Answers to these prompts; others are left out. */
  answers: readonly Answer[];
  /** `[derangements][prompts]`: whose prompt the answers of a unit are read under. */
  partners: readonly (readonly number[])[];
  pooling: Pooling;
  tokens: TokenScope;
  /** Of an answer. */
  maxTokens: number;
  signal?: AbortSignal | undefined;
  onReading?: (() => void) | undefined;
}

interface Slot {
  /** Where the unit's values lie, and how many answers share them. */
  target: Float32Array;
  share: number;
  read: AnswerTokens;
}

/** Throws what the engine throws. */
export async function readPairs(options: ReadPairsOptions): Promise<Readings> {
  const { engine, dictionary, layer, prompts, answers, partners, pooling, signal, onReading } = options;
  const { latents } = dictionary;
  const units = prompts.length;
  const on = new Float32Array(units * latents);
  const off = new Float32Array(partners.length * units * latents);
  const slots: Slot[] = [];
  for (const [unit, own] of prompts.entries()) {
    const responses = answers.filter(({ prompt }) => prompt === own).map(({ response }) => response);
    const places = [
      { prompt: own, values: on, row: unit },
      ...partners.map((partner, k) => ({
        prompt: prompts[partner[unit] ?? unit] ?? own,
        values: off,
        row: k * units + unit,
      })),
    ];
    for (const { prompt, values, row } of places) {
      const target = values.subarray(row * latents, (row + 1) * latents);
      for (const response of responses) {
        const { tokens: scope, maxTokens } = options;
        const read = await answerTokens({ engine, prompt, response, scope, maxTokens });
        slots.push({ target, share: 1 / responses.length, read });
      }
    }
  }
  const sequences = slots.map(({ read }) => read.tokens);
  for await (const { index, values, rows } of captureLatents({
    engine,
    dictionary,
    layer,
    sequences,
    signal,
  })) {
    const slot = slots[index];
    if (slot === undefined) continue;
    const { target, share, read } = slot;
    const pooled = pool({ values: values.subarray(read.from * latents, rows * latents), latents, pooling });
    pooled.forEach((value, k) => {
      target[k] = (target[k] ?? 0) + share * value;
    });
    onReading?.();
  }
  return { latents, units, derangements: partners.length, on, off };
}

/** One value a latent from `[tokens, latents]`. */
export function pool({
  values,
  latents,
  pooling,
}: {
  values: Float32Array;
  latents: number;
  pooling: Pooling;
}): Float64Array {
  const pooled = new Float64Array(latents);
  const rows = values.length / latents;
  values.forEach((value, at) => {
    const k = at % latents;
    const known = pooled[k] ?? 0;
    pooled[k] = pooling === "max" ? Math.max(known, value) : known + value / rows;
  });
  return pooled;
}

/** How fast this machine is with each weight type, and how its cores are best shared out. */
import { type Engine, GREEDY } from "../../engine/engine.ts";
import { type LlamaEngineOptions, openLlamaEngine } from "../../engine/llama/engine.ts";
import type { FastType } from "../../engine/llama/weights.ts";

export const FAST_TYPES: readonly FastType[] = ["q4_0", "q8_0", "bf16"];

export interface Speed {
  /** `as-is`, or the type that was requantised to. */
  weights: string;
  weightType: string;
  workers: number;
  threads: number;
  /** Tokens sampled a second when one answer is written, and when 32 are. Prompts of a few tokens are included. */
  one: number;
  many: number;
}

export interface SpeedOptions {
  model: string;
  cacheDir: string;
  weights: FastType | "as-is";
  workers?: number;
  signal: AbortSignal;
  /** Milliseconds. @default performance.now */
  now?: () => number;
}

const ROWS = 32;

/** Opens an engine for the measurement alone; takes a few seconds for a small model. */
export async function measureSpeed(options: SpeedOptions): Promise<Speed> {
  const { model, cacheDir, weights, workers, signal, now = () => performance.now() } = options;
  const mode: Pick<LlamaEngineOptions, "weights" | "fastType"> =
    weights === "as-is" ? { weights } : { weights: "fast", fastType: weights };
  const engine = await openLlamaEngine({
    model,
    cacheDir,
    slots: ROWS,
    contextPerSlot: 256,
    ...mode,
    ...(workers === undefined ? {} : { workers }),
  });
  try {
    await pace({ engine, rows: ROWS, tokens: 2, signal, now });
    const one = await pace({ engine, rows: 1, tokens: 32, signal, now });
    const many = await pace({ engine, rows: ROWS, tokens: 24, signal, now });
    const { build, info } = engine;
    return {
      weights,
      weightType: info.weightType,
      workers: Number(build.workers),
      threads: Number(build.threads),
      one,
      many,
    };
  } finally {
    await engine.close();
  }
}

async function pace({
  engine,
  rows,
  tokens,
  signal,
  now,
}: {
  engine: Engine;
  rows: number;
  tokens: number;
  signal: AbortSignal;
  now: () => number;
}): Promise<number> {
  const requests = [];
  for (let row = 0; row < rows; row++) {
    requests.push({
      id: String(row),
      tokens: await engine.tokenize(`Day ${row}: once upon a time, in a town by the sea, there lived`),
      sampling: { ...GREEDY, temperature: 1, seed: row, maxTokens: tokens },
    });
  }
  const started = now();
  let sampled = 0;
  for await (const generation of engine.generate(requests, { signal })) {
    sampled += generation.tokens.length;
  }
  return (1000 * sampled) / Math.max(1, now() - started);
}

/**
 * Opening the engine in model tests, and gathering what its iterables give. The conformance suite runs on both engines: in the project `vllm`
 * the engine is a client of vLLM servers that serve the same weights in float32.
 */
import { inject } from "vitest";
import {
  type CaptureRequest,
  type Engine,
  type Generation,
  type GenerationRequest,
  GREEDY,
  type Intervention,
  type Sampling,
  type ScoreRequest,
} from "../../../src/engine/engine.ts";
import { type LlamaEngineOptions, openLlamaEngine } from "../../../src/engine/llama/engine.ts";
import { openVllmEngine } from "../../../src/engine/vllm/engine.ts";

/** Servers of the project `vllm`; null in the others. */
export const SERVED = inject("vllm") ?? null;

/** The default model, with few slots so that a context costs little. A served model is as the server was started, whatever the options say. */
export function openEngine(options: Partial<LlamaEngineOptions> = {}): Promise<Engine> {
  return SERVED === null ? openLocalEngine(options) : openVllmEngine(SERVED);
}

/** In this process, in any project. */
export function openLocalEngine(
  options: Partial<LlamaEngineOptions> = {},
): ReturnType<typeof openLlamaEngine> {
  return openLlamaEngine({
    model: inject("modelPath"),
    cacheDir: inject("cacheDir"),
    workers: 1,
    threads: 1,
    slots: 8,
    contextPerSlot: 512,
    ...options,
  });
}

export async function gather<T extends { id: string }>(results: AsyncIterable<T>): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for await (const result of results) {
    if (found.has(result.id)) throw new Error(`two results for ${result.id}`);
    found.set(result.id, result);
  }
  return found;
}

export function sampling(part: Partial<Sampling> = {}): Sampling {
  return { ...GREEDY, maxTokens: 12, ...part };
}

export async function generateOne(
  engine: Engine,
  request: Omit<GenerationRequest, "id">,
): Promise<Generation> {
  return only(await gather(engine.generate([{ id: "one", ...request }])));
}

/** The values of one capture, `[rows, columns]` row-major. */
export async function captureOne(engine: Engine, request: Omit<CaptureRequest, "id">): Promise<Float32Array> {
  return only(await gather(engine.capture([{ id: "one", ...request }]))).values;
}

/** Log-probabilities of `tokens[from..]`. */
export async function scoreOne(engine: Engine, request: Omit<ScoreRequest, "id">): Promise<Float32Array> {
  return only(await gather(engine.score([{ id: "one", ...request }]))).logProbs;
}

export function only<T>(results: Map<string, T>): T {
  const [first, ...more] = results.values();
  if (first === undefined || more.length > 0)
    throw new Error(`${results.size} results where one was asked for`);
  return first;
}

export function addVector({
  vector,
  strength,
  layer = 15,
  positions = { kind: "all" },
}: {
  vector: Float32Array;
  strength: number;
  layer?: number;
  positions?: Intervention["positions"];
}): Intervention {
  return { layer, positions, edits: [{ kind: "add", direction: { vector }, strength }] };
}

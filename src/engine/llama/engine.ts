/** The in-process engine: llama.cpp in child processes, one interface over all of them (DESIGN.md 5). */
import os from "node:os";
import { CountersteerError } from "../../errors.ts";
import { hashFile } from "../../model/file-hash.ts";
import { readGgufInfo } from "../../model/gguf-info.ts";
import type {
  CallOptions,
  Capture,
  CaptureRequest,
  DivergenceRequest,
  Divergences,
  Engine,
  Generation,
  GenerationRequest,
  ModelInfo,
  ScoreRequest,
  TokenizeOptions,
  TokenScores,
  WeightMode,
} from "../engine.ts";
import type { EngineHealth } from "../health.ts";
import type { HostReady, Job, JobResult } from "./protocol.ts";
import { ResultChannel } from "./result-channel.ts";
import { checkTokens, type RequestShape, validateRequest } from "./validate-request.ts";
import { type FastType, isFloatType, prepareWeights } from "./weights.ts";
import { WorkerPool } from "./worker-pool.ts";

export interface LlamaEngineOptions {
  /** Path of a GGUF file. */
  model: string;
  /** @default "as-is" */
  weights?: WeightMode;
  /** Type that `fast` requantises to. @default "q4_0" */
  fastType?: FastType;
  /** Engine processes. @default one for each core up to 1.5 GB of weights, else 1 */
  workers?: number;
  /** Threads of each process. @default cores divided by workers */
  threads?: number;
  /** Sequences that decode together in each process. @default 32 */
  slots?: number;
  /** Tokens that a sequence may hold, prompt and response. @default 1024 */
  contextPerSlot?: number;
  /** Layers kept on a GPU; 0 computes on the CPU. @default 0 */
  gpuLayers?: number;
  /** Folder for requantised copies and hashes. */
  cacheDir: string;
}

const SMALL_MODEL_BYTES = 1.5 * 2 ** 30;

/**
 * Opens a model. Throws MODEL_UNREADABLE, LIBRARY_MISMATCH, or what starting the processes met.
 */
export async function openLlamaEngine(options: LlamaEngineOptions): Promise<Engine> {
  const {
    weights = "as-is",
    fastType = "q4_0",
    slots = 32,
    contextPerSlot = 1024,
    gpuLayers = 0,
    cacheDir,
  } = options;
  const cores = os.availableParallelism();
  const gguf = await readGgufInfo({ path: options.model });
  const workers = options.workers ?? (gguf.fileSize <= SMALL_MODEL_BYTES && gpuLayers === 0 ? cores : 1);
  const threads = options.threads ?? Math.max(1, Math.floor(cores / workers));
  const fileHash = await hashFile({ path: options.model, cacheDir });
  const prepared = await prepareWeights({
    path: options.model,
    fileHash,
    weightType: gguf.weightType,
    mode: weights,
    fastType,
    cacheDir,
    threads: cores,
  });
  const { pool, ready } = await WorkerPool.open({
    workers,
    options: {
      path: prepared.path,
      slots,
      contextPerSlot,
      threads,
      gpuLayers,
      cache: weights === "exact" ? "f32" : "f16",
      padLone: isFloatType(prepared.weightType),
    },
  });
  const info: ModelInfo = {
    path: options.model,
    fileHash,
    architecture: gguf.architecture,
    name: gguf.name,
    layers: ready.layers,
    dModel: ready.dModel,
    vocabulary: ready.vocabulary,
    contextLength: ready.contextLength,
    addsBos: ready.addsBos,
    weightType: prepared.weightType,
    weightMode: weights,
    chatTemplate: gguf.chatTemplate,
    bosText: gguf.bosText,
    eosText: gguf.eosText,
    controlTexts: gguf.controlTexts,
  };
  return new LlamaEngine({ pool, ready, info, workers, threads, slots });
}

interface EngineParts {
  pool: WorkerPool;
  ready: HostReady;
  info: ModelInfo;
  workers: number;
  threads: number;
  slots: number;
}

class LlamaEngine implements Engine {
  readonly info: ModelInfo;
  readonly build: Record<string, string | number>;
  readonly #parts: EngineParts;
  #nextKey = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.info = parts.info;
    this.build = {
      engine: "llama",
      llamaCpp: parts.ready.version,
      cpu: cpuVariant(parts.ready),
      workers: parts.workers,
      threads: parts.threads,
      slots: parts.slots,
      contextPerSlot: parts.ready.contextPerSlot,
    };
  }

  tokenize(text: string, { plain = false }: TokenizeOptions = {}): Promise<Int32Array> {
    return this.#parts.pool.tokenize({ text, plain });
  }

  async detokenize(tokens: Int32Array): Promise<string> {
    checkTokens({ id: "to detokenize", tokens, info: this.info });
    return this.#parts.pool.detokenize(tokens);
  }

  generate(requests: GenerationRequest[], options: CallOptions = {}): AsyncIterable<Generation> {
    const stream = options.onToken !== undefined;
    return this.#run<Generation>({
      options,
      shapes: requests.map(({ id, tokens, sampling, grammar, intervention, record }) => ({
        id,
        tokens,
        newTokens: sampling.maxTokens,
        intervention,
        sampling,
        grammar,
        readLayers: record ? [record.layer] : [],
      })),
      jobs: requests.map((request) => ({ key: this.#nextKey++, kind: "generate", request, stream })),
      pick: (result) => (result.kind === "generate" ? result.value : undefined),
    });
  }

  capture(requests: CaptureRequest[], options: CallOptions = {}): AsyncIterable<Capture> {
    return this.#run<Capture>({
      options,
      shapes: requests.map(({ id, tokens, layer, intervention, promptTokens }) => ({
        id,
        tokens,
        newTokens: 0,
        intervention,
        readLayers: [layer],
        promptTokens,
      })),
      jobs: requests.map((request) => ({ key: this.#nextKey++, kind: "capture", request })),
      pick: (result) => (result.kind === "capture" ? result.value : undefined),
    });
  }

  score(requests: ScoreRequest[], options: CallOptions = {}): AsyncIterable<TokenScores> {
    return this.#run<TokenScores>({
      options,
      shapes: requests.map(givenTokens),
      jobs: requests.map((request) => ({ key: this.#nextKey++, kind: "score", request })),
      pick: (result) => (result.kind === "score" ? result.value : undefined),
    });
  }

  divergence(requests: DivergenceRequest[], options: CallOptions = {}): AsyncIterable<Divergences> {
    return this.#run<Divergences>({
      options,
      shapes: requests.map(givenTokens),
      jobs: requests.map((request) => ({ key: this.#nextKey++, kind: "divergence", request })),
      pick: (result) => (result.kind === "divergence" ? result.value : undefined),
    });
  }

  async health(): Promise<EngineHealth> {
    const { ready, workers, threads, slots } = this.#parts;
    return {
      libraries: ready.libraries,
      cpuVariant: cpuVariant(ready),
      cpuFeatures: ready.system,
      workers,
      threads,
      slots,
    };
  }

  /** Process ids of the engine processes, for crash tests and `doctor`. */
  get pids(): number[] {
    return this.#parts.pool.pids;
  }

  close(): Promise<void> {
    return this.#parts.pool.close();
  }

  #run<T>({ options, shapes, jobs, pick }: RunOptions<T>): AsyncIterable<T> {
    const { pool, ready } = this.#parts;
    const grammars = new Set<string>();
    for (const shape of shapes) {
      validateRequest({ shape, info: this.info, contextPerSlot: ready.contextPerSlot, grammars });
    }
    const channel = new ResultChannel<T>(jobs.length);
    const open = new Set(jobs.map(({ key }) => key));
    const stop = (error: unknown) => {
      pool.cancel(open);
      channel.fail(error);
    };
    const onAbort = () => stop(aborted());
    if (options.signal?.aborted) {
      channel.fail(aborted());
      return channel;
    }
    options.signal?.addEventListener("abort", onAbort, { once: true });
    for (const job of jobs) {
      const { onToken } = options;
      pool.add({
        job,
        onToken: onToken ? (token, text) => onToken({ id: job.request.id, token, text }) : null,
        reject: stop,
        resolve: (result) => {
          open.delete(job.key);
          if (open.size === 0) {
            options.signal?.removeEventListener("abort", onAbort);
          }
          const value = pick(result);
          if (value !== undefined) {
            channel.push(value);
          }
        },
      });
    }
    return channel;
  }
}

interface RunOptions<T> {
  options: CallOptions;
  shapes: RequestShape[];
  jobs: Job[];
  pick: (result: JobResult) => T | undefined;
}

/** Throws REQUEST_INVALID for a first token that has none before it. */
function givenTokens({ id, tokens, from, intervention }: ScoreRequest): RequestShape {
  if (!Number.isInteger(from) || from < 1 || from >= tokens.length) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `Request ${id} asks for scores from token ${from} of ${tokens.length}.`,
      why: "The first token has nothing before it, and past the last there is nothing.",
      todo: "Give a `from` of at least 1 and below the number of tokens.",
      facts: { id, from, tokens: tokens.length },
    });
  }
  return { id, tokens, newTokens: 0, intervention, readLayers: [] };
}

function cpuVariant({ libraries, system }: HostReady): string {
  return system.trim() === "" ? `${libraries.length} libraries` : (system.split("|")[0]?.trim() ?? "");
}

function aborted(): CountersteerError {
  return new CountersteerError("ABORTED", {
    what: "The call was stopped.",
    why: "Its abort signal was raised.",
    todo: "Start it again to go on: finished trials are kept.",
  });
}

/** The engine for clusters: one client process over vLLM servers that have our plug-in (DESIGN.md 5, docs/vllm.md). */
import { resolve } from "node:path";
import { CountersteerError } from "../../errors.ts";
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
  TokenScores,
} from "../engine.ts";
import type { EngineHealth } from "../health.ts";
import { checkTokens, type RequestShape, validateRequest } from "../llama/validate-request.ts";
import { type Asked, Asker } from "./asker.ts";
import { CallStream } from "./call-stream.ts";
import { Dispatcher } from "./dispatcher.ts";
import { awaitHealth, type ReadyHealth, readHealth } from "./handshake.ts";
import { buildOf, infoOf } from "./model-info.ts";
import type { ServedAdapter, ServedSae } from "./protocol.ts";
import { refuseReturned, refuseUnequal, rootOf } from "./replicas.ts";
import { ServedSaes } from "./served-saes.ts";
import { ServerApi } from "./server-api.ts";
import { nodeTransport, type Transport } from "./transport.ts";
import { latentsOf } from "./wire.ts";

export interface VllmEngineOptions {
  /** Roots of the servers, for example `http://node-7:8000`; they must serve the same model. */
  urls: readonly string[];
  /** What the servers were started with as `--api-key`. @default none */
  apiKey?: string | undefined;
  /** Requests under way at each server. @default as many as it computes at once, and 256 at most */
  inFlight?: number | undefined;
  /** Folder here that the servers know as COUNTERSTEER_SAE_ROOT. @default none */
  saeRoot?: string | undefined;
  /** Times that one request is given out before it fails. @default 6 */
  maxTries?: number | undefined;
  /** Milliseconds until a request that isn't answered is asked again. @default 30 minutes */
  timeoutMs?: number | undefined;
  /** Milliseconds that a run waits when no server answers any more. @default 15 minutes */
  patienceMs?: number | undefined;
  onWarning?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** @default Node's own HTTP */
  send?: Transport | undefined;
  now?: (() => number) | undefined;
}

const MAX_IN_FLIGHT = 256;
const MINUTE_MS = 60_000;

export interface VllmEngine extends Engine {
  /** LoRA adapters that every server has, by the names that `adapter` of a request takes. */
  readonly adapters: readonly ServedAdapter[];
  /** What the first server lists; below a shared folder there may be more. */
  readonly dictionaries: readonly ServedSae[];
  /** Throws SAE_UNREADABLE where a server does not have this dictionary, and SAE_MISMATCH where the model has another width. */
  requireSae: (sae: string) => Promise<void>;
  /** Requests that each server has answered, and requests that were given out again. */
  traffic: () => { answered: number[]; retries: number };
}

/**
 * Checks every server before anything is generated. Throws VLLM_UNAVAILABLE, LIBRARY_MISMATCH (no plug-in, another version, compiled
 * graphs), CONFIG_INVALID (servers that differ), and what a server says of itself where it can't steer.
 */
export async function openVllmEngine(options: VllmEngineOptions): Promise<VllmEngine> {
  const { apiKey = null, patienceMs = 15 * MINUTE_MS } = options;
  // a clock that is set forwards must not end patience, nor one that is set back a wait
  const { now = () => performance.now() } = options;
  const urls = [...new Set(options.urls.map(rootOf))];
  if (urls.length === 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "The engine vllm was asked for without a server.",
      why: "It is a client, and has to know where the servers are.",
      todo: "Give --url http://HOST:PORT, once for each server.",
    });
  }
  const transport =
    options.send === undefined ? nodeTransport() : { send: options.send, close: () => undefined };
  const api = new ServerApi({ send: transport.send, apiKey, now: options.now ?? Date.now });
  const signal = options.signal ?? new AbortController().signal;
  try {
    const all = await Promise.all(urls.map((url) => awaitHealth({ api, url, signal, patienceMs, now })));
    const first = refuseUnequal({ urls, all });
    const saes = new ServedSaes({
      api,
      listed: all.flatMap((health) => health.saes),
      dModel: first.model.dModel,
      saeRoot: options.saeRoot === undefined ? null : resolve(options.saeRoot),
    });
    const { close } = transport;
    return new Client({ ...options, urls, all, first, api, saes, patienceMs, now, close });
  } catch (error) {
    transport.close();
    throw error;
  }
}

type Parts = Omit<VllmEngineOptions, "urls" | "patienceMs" | "now"> & {
  urls: readonly string[];
  all: readonly ReadyHealth[];
  first: ReadyHealth;
  api: ServerApi;
  saes: ServedSaes;
  patienceMs: number;
  now: () => number;
  close: () => void;
};

class Client implements VllmEngine {
  readonly info: ModelInfo;
  readonly build: Record<string, string | number>;
  readonly adapters: readonly ServedAdapter[];
  readonly dictionaries: readonly ServedSae[];
  readonly #parts: Parts;
  readonly #asker: Asker;
  readonly #dispatcher: Dispatcher;

  constructor(parts: Parts) {
    const { urls, all, first, api, saes, patienceMs, onWarning = () => undefined } = parts;
    const atOnce = first.engine.maxSequences * Math.max(1, first.engine.dataParallel);
    const inFlight = parts.inFlight ?? Math.min(MAX_IN_FLIGHT, atOnce);
    this.#parts = parts;
    this.info = infoOf(first);
    this.dictionaries = first.saes;
    this.build = buildOf({ health: first, replicas: urls.length, inFlight });
    this.adapters = first.adapters.filter(({ name, hash }) =>
      all.every(({ adapters }) => adapters.some((each) => each.name === name && each.hash === hash)),
    );
    const instances = new Map(all.map(({ instance }, i) => [urls[i] ?? "", instance]));
    this.#asker = new Asker({
      api,
      instances,
      served: all.map(({ model }) => model.served[0] ?? ""),
      adapters: this.adapters.map(({ name }) => name),
    });
    this.#dispatcher = new Dispatcher({
      urls,
      inFlight,
      maxTries: parts.maxTries ?? 6,
      timeoutMs: parts.timeoutMs ?? 30 * MINUTE_MS,
      patienceMs,
      onWarning,
      now: parts.now,
      probe: async (url, signal) => {
        const health = await readHealth({ api, url, signal });
        refuseReturned({ url, before: first, now: health });
        await saes.check({ url, signal });
        instances.set(url, health.instance);
      },
    });
  }

  async tokenize(text: string): Promise<Int32Array> {
    const tokens = await this.#single((replica, signal) => this.#asker.tokenize({ text, replica, signal }));
    return this.#known(tokens);
  }

  async detokenize(tokens: Int32Array): Promise<string> {
    checkTokens({ id: "to detokenize", tokens, info: this.info });
    if (tokens.length === 0) return "";
    return await this.#single((replica, signal) => this.#asker.detokenize({ tokens, replica, signal }));
  }

  generate(requests: GenerationRequest[], options: CallOptions = {}): AsyncIterable<Generation> {
    return this.#run<GenerationRequest, Generation>({
      requests,
      options,
      shape: ({ sampling, record, ...request }) => ({
        ...request,
        sampling,
        newTokens: sampling.maxTokens,
        readLayers: record === undefined ? [] : [record.layer],
      }),
      ask: async (asked) => {
        const generation = await this.#asker.generate({ ...asked, onToken: options.onToken });
        return { ...generation, tokens: this.#known(generation.tokens) };
      },
    });
  }

  capture(requests: CaptureRequest[], options: CallOptions = {}): AsyncIterable<Capture> {
    return this.#run<CaptureRequest, Capture>({
      requests,
      options,
      // vLLM always samples one token, which needs its place
      shape: ({ layer, ...request }) => ({ ...request, newTokens: 1, readLayers: [layer] }),
      ask: (asked) => this.#asker.capture(asked),
    });
  }

  score(requests: ScoreRequest[], options: CallOptions = {}): AsyncIterable<TokenScores> {
    return this.#run<ScoreRequest, TokenScores>({
      requests,
      options,
      shape: givenTokens,
      ask: (asked) => this.#asker.score(asked),
    });
  }

  divergence(requests: DivergenceRequest[], options: CallOptions = {}): AsyncIterable<Divergences> {
    return this.#run<DivergenceRequest, Divergences>({
      requests,
      options,
      shape: givenTokens,
      ask: (asked) => this.#asker.divergence(asked),
    });
  }

  async health(): Promise<EngineHealth> {
    const { urls, first } = this.#parts;
    return {
      libraries: Object.entries(first.build).map(([name, version]) => `${name} ${version}`),
      cpuVariant: first.engine.device,
      cpuFeatures: `tensor parallel ${first.engine.tensorParallel}, pipeline parallel ${first.engine.pipelineParallel}`,
      workers: urls.length,
      threads: 1,
      slots: Number(this.build.slots),
    };
  }

  async requireSae(sae: string): Promise<void> {
    const { urls, saes, signal = new AbortController().signal } = this.#parts;
    await Promise.all(urls.map((url) => saes.names({ latents: new Map([[sae, []]]), url, signal })));
  }

  traffic(): { answered: number[]; retries: number } {
    const { answered, retries } = this.#dispatcher;
    return { answered, retries };
  }

  async close(): Promise<void> {
    this.#dispatcher.close(
      new CountersteerError("ABORTED", {
        what: "The engine was closed.",
        why: "What was still running or waiting was given up.",
        todo: "Open it again to go on: finished trials are kept.",
      }),
    );
    this.#parts.close();
  }

  #run<Request extends Asking, Result>({ requests, options, shape, ask }: Run<Request, Result>) {
    const grammars = new Set<string>();
    const contextPerSlot = this.info.contextLength;
    for (const request of requests) {
      validateRequest({ shape: shape(request), info: this.info, contextPerSlot, grammars });
      this.#asker.checkAdapter(request);
    }
    const { saes } = this.#parts;
    const stream = new CallStream<Request, Result>({
      requests,
      signal: options.signal,
      window: this.#dispatcher.capacity,
      onChange: () => this.#dispatcher.pump(),
      perform: async (request, replica, signal) => {
        const names = await saes.names({ latents: latentsIn(request), url: replica.url, signal });
        return await ask({ request, replica, signal, nameOf: (sae) => names.get(sae) ?? sae });
      },
    });
    this.#dispatcher.add(stream);
    return stream;
  }

  /** Throws LIBRARY_MISMATCH for a token that the model of the handshake does not have. */
  #known(tokens: Int32Array): Int32Array {
    const { vocabulary, name } = this.info;
    const unknown = tokens.find((token) => token < 0 || token >= vocabulary);
    if (unknown === undefined) return tokens;
    throw new CountersteerError("LIBRARY_MISMATCH", {
      what: `A server answered with token ${unknown}.`,
      why: `The vocabulary of ${name} has ${vocabulary}.`,
      todo: "Check that all servers have the same model and version of countersteer-vllm.",
      facts: { token: unknown, vocabulary },
    });
  }

  /** One question that any server can answer. */
  async #single<T>(ask: (replica: Asked<unknown>["replica"], signal: AbortSignal) => Promise<T>): Promise<T> {
    const stream = new CallStream<null, T>({
      requests: [null],
      window: 1,
      onChange: () => this.#dispatcher.pump(),
      perform: (_, replica, signal) => ask(replica, signal),
      // who stops the program while no server answers must not wait until one does
      signal: this.#parts.signal,
    });
    this.#dispatcher.add(stream);
    for await (const answer of stream) return answer;
    throw new Error("a call without an answer");
  }
}

type Asking = GenerationRequest | CaptureRequest | ScoreRequest;

interface Run<Request, Result> {
  requests: readonly Request[];
  options: CallOptions;
  shape: (request: Request) => RequestShape;
  ask: (asked: Asked<Request>) => Promise<Result>;
}

function latentsIn(request: Asking): Map<string, number[]> {
  const { intervention } = request;
  const read = "what" in request && request.what.kind === "latents" ? request.what : undefined;
  return latentsOf({ intervention, record: read ?? ("record" in request ? request.record : undefined) });
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
  return { id, tokens, newTokens: 1, intervention, readLayers: [] };
}

/** Opens the client of a language-model provider: pinned model, pace, retries, kept answers, costs. */
import path from "node:path";
import { z } from "zod";
import type { CountersteerError } from "../errors.ts";
import { throwIfAborted } from "../model/aborted.ts";
import { type AnswerCache, cacheKey, openAnswerCache } from "./answer-cache.ts";
import { type CallFailure, classify } from "./call-failure.ts";
import { callOnce, type RawAnswer } from "./call-once.ts";
import type {
  LlmAnswer,
  LlmClient,
  LlmProvider,
  LlmRequest,
  LlmSpent,
  LlmUsage,
  StructuredMode,
} from "./llm-client.ts";
import { accessError, unavailableError } from "./llm-errors.ts";
import { type PinnedModel, pinModel } from "./models.ts";
import { costOf, type LlmPrice, shippedPrice } from "./prices.ts";
import { BASE_URLS, baseUrlOf, type ProviderModel, providerModel } from "./provider-model.ts";
import { readAnswer } from "./read-answer.ts";
import { RequestQueue, type Sleep, sleepFor } from "./request-queue.ts";

export interface LlmClientOptions {
  provider: LlmProvider;
  /** One of our names (`models.ts`) or the provider's own id. */
  model: string;
  /** null for a local server without keys. */
  apiKey: string | null;
  /** null takes the provider's own; `compatible` needs one. @default null */
  baseUrl?: string | null;
  /** @default "schema" */
  structured?: StructuredMode;
  /** Requests under way at once. @default 8 */
  concurrency?: number;
  /** null is no limit. @default null */
  requestsPerMinute?: number | null;
  /** Answers are kept below this folder; null keeps none. */
  cacheDir: string | null;
  /** Repeats of a failed request. @default 5 */
  maxRetries?: number;
  /** Until an answer is complete; ms. @default 120000 */
  timeoutMs?: number;
  /** Requests that fail in a row, each after its retries, before the client gives up. @default 20 */
  maxFailures?: number;
  /** Goes over the shipped table. */
  price?: LlmPrice | null;
  fetch?: typeof fetch;
  sleep?: Sleep;
  /** Milliseconds since 1970. @default Date.now; waits are told by performance.now, which nobody sets */
  now?: () => number;
  /** 0 to 1, for the jitter. */
  random?: () => number;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
/** A server that asks for more patience than this is taken as failing. */
const LONGEST_WAIT_MS = 300_000;
const DEFAULT_MAX_TOKENS = 4096;

/** Throws CONFIG_INVALID for an alias that moves or a missing address, LLM_ACCESS where the provider needs a key and there is none. */
export function openLlmClient(options: LlmClientOptions): LlmClient {
  const { provider, model, apiKey } = options;
  const pinned = pinModel({ provider, model });
  const baseUrl = baseUrlOf({ provider, baseUrl: options.baseUrl });
  if (apiKey === null && baseUrl === BASE_URLS[provider]) {
    throw accessError({ provider, model: pinned.id, reason: "There is no key.", status: null });
  }
  return new Client({ ...options, pinned, baseUrl });
}

type Exchange = { kind: "answer"; answer: RawAnswer } | { kind: "failure"; failure: CallFailure };

class Client implements LlmClient {
  readonly #provider: LlmProvider;
  readonly #pinned: PinnedModel;
  readonly #baseUrl: string;
  readonly #structured: StructuredMode;
  readonly #model: ProviderModel;
  readonly #queue: RequestQueue;
  readonly #cache: AnswerCache;
  readonly #price: LlmPrice | null;
  readonly #maxRetries: number;
  readonly #timeoutMs: number;
  readonly #maxFailures: number;
  readonly #sleep: Sleep;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #spent: LlmSpent = {
    calls: 0,
    cachedCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unpricedCalls: 0,
  };
  #failures = 0;
  #reached = false;
  /** Why no more requests go out. */
  #closed: CountersteerError | null = null;

  constructor(options: LlmClientOptions & { pinned: PinnedModel; baseUrl: string }) {
    const { provider, pinned, baseUrl, apiKey, structured = "schema", cacheDir } = options;
    const { sleep = sleepFor, now = Date.now, fetch = globalThis.fetch } = options;
    const { concurrency = 8, requestsPerMinute = null } = options;
    const elapsed = options.now ?? (() => performance.now());
    this.#provider = provider;
    this.#pinned = pinned;
    this.#baseUrl = baseUrl;
    this.#structured = structured;
    this.#model = providerModel({ provider, id: pinned.id, apiKey, baseUrl, structured, fetch });
    this.#queue = new RequestQueue({ concurrency, requestsPerMinute, now: elapsed, sleep });
    this.#cache = openAnswerCache({ folder: cacheDir === null ? null : path.join(cacheDir, "llm") });
    this.#price = options.price ?? shippedPrice({ provider, id: pinned.id })?.price ?? null;
    this.#maxRetries = options.maxRetries ?? 5;
    this.#timeoutMs = options.timeoutMs ?? 120_000;
    this.#maxFailures = options.maxFailures ?? 20;
    this.#sleep = sleep;
    this.#now = now;
    this.#random = options.random ?? Math.random;
  }

  describe(): Record<string, string | number> {
    return {
      provider: this.#provider,
      model: this.#pinned.id,
      structured: this.#structured,
      // two servers may call different models by one name
      ...(this.#baseUrl === BASE_URLS[this.#provider] ? {} : { server: this.#baseUrl }),
    };
  }

  estimate(usage: LlmUsage): number | null {
    return this.#price === null ? null : costOf({ price: this.#price, usage });
  }

  spent(): LlmSpent {
    return { ...this.#spent };
  }

  async complete<T>(request: LlmRequest<T>): Promise<LlmAnswer<T>> {
    const key = this.#keyOf(request);
    const kept = request.fresh === true ? null : await this.#cache.get(key);
    if (kept !== null) {
      const read = readAnswer({ answer: { text: kept.text, finish: "stop" }, schema: request.schema });
      if (read.status === "ok") {
        this.#spent.cachedCalls += 1;
        return { ...read, model: kept.model, usage: kept.usage, costUsd: 0, cached: true };
      }
    }
    const exchange = await this.#exchange(request);
    if (exchange.kind === "failure") {
      const { kind, reason } = exchange.failure;
      const status = kind === "filtered" ? "content-filter" : "failed";
      const usage = { inputTokens: 0, outputTokens: 0 };
      return { status, reason, text: null, model: null, usage, costUsd: 0, cached: false };
    }
    const { text, usage, model } = exchange.answer;
    const facts = { model, usage, costUsd: this.#charge(exchange.answer), cached: false };
    const read = readAnswer({ answer: exchange.answer, schema: request.schema });
    if (read.status === "ok") {
      await this.#cache.put(key, { text, usage, model });
      return { ...read, ...facts };
    }
    return { ...read, text, ...facts };
  }

  /** Asks until there is an answer, or no sense in asking again. */
  async #exchange<T>(request: LlmRequest<T>): Promise<Exchange> {
    const { signal } = request;
    for (let tries = 0; ; tries++) {
      const exchange = await this.#inTurn(request);
      if (exchange.kind === "answer") {
        this.#failures = 0;
        this.#reached = true;
        return exchange;
      }
      const { kind, reason, status, waitMs } = exchange.failure;
      this.#reached ||= status !== null;
      if (kind === "access") {
        throw this.#close(accessError({ ...this.#names(), reason: `${reason}.`, status }));
      }
      if (kind === "filtered") {
        return exchange;
      }
      if (kind === "never" || tries >= this.#maxRetries || (waitMs ?? 0) > LONGEST_WAIT_MS) {
        this.#failures += 1;
        // a server that never answered is a wrong address, and not an outage to sit out
        if (!this.#reached || this.#failures >= this.#maxFailures) {
          throw this.#close(unavailableError({ ...this.#names(), reason, failures: this.#failures }));
        }
        return exchange;
      }
      const wait = waitMs ?? this.#backoff(tries);
      if (status === 429 || waitMs !== null) {
        this.#queue.hold(wait);
      }
      await this.#unlessAborted(signal, () => this.#sleep(wait, signal));
    }
  }

  async #inTurn<T>(request: LlmRequest<T>): Promise<Exchange> {
    const { signal } = request;
    return await this.#unlessAborted(signal, () =>
      this.#queue.run(async (): Promise<Exchange> => {
        if (this.#closed !== null) {
          throw this.#closed;
        }
        const timeout = AbortSignal.timeout(this.#timeoutMs);
        try {
          const answer = await callOnce({
            model: this.#model,
            system: request.system,
            prompt: request.prompt,
            schema: request.schema,
            structured: this.#structured,
            temperature: this.#temperatureOf(request),
            maxTokens: request.maxTokens ?? DEFAULT_MAX_TOKENS,
            signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
          });
          return { kind: "answer", answer };
        } catch (error) {
          if (signal?.aborted === true) {
            throw error;
          }
          const late = new Error(`no answer within ${this.#timeoutMs / 1000} s`);
          return {
            kind: "failure",
            failure: classify({ error: timeout.aborted ? late : error, now: this.#now() }),
          };
        }
      }, signal),
    );
  }

  /** Turns what an aborted wait throws into ABORTED. */
  async #unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      throwIfAborted({ signal, what: "The request to the language model" });
      return await work();
    } catch (error) {
      throwIfAborted({ signal, what: "The request to the language model" });
      throw error;
    }
  }

  /** Doubles from a second; at least half of it, so that clients that failed together don't come back together. */
  #backoff(tries: number): number {
    return Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_BACKOFF_MS) * (0.5 + 0.5 * this.#random());
  }

  #charge({ usage, costUsd }: RawAnswer): number | null {
    const cost = costUsd ?? this.estimate(usage);
    this.#spent.calls += 1;
    this.#spent.inputTokens += usage.inputTokens;
    this.#spent.outputTokens += usage.outputTokens;
    this.#spent.costUsd += cost ?? 0;
    this.#spent.unpricedCalls += cost === null ? 1 : 0;
    return cost;
  }

  #temperatureOf<T>({ temperature = 0 }: LlmRequest<T>): number | null {
    return this.#pinned.temperature ? temperature : null;
  }

  #keyOf<T>(request: LlmRequest<T>): string {
    const { system, prompt, schema, promptVersion, maxTokens = DEFAULT_MAX_TOKENS, repeat = 0 } = request;
    return cacheKey([
      this.#provider,
      this.#baseUrl,
      this.#pinned.id,
      this.#structured,
      promptVersion,
      JSON.stringify(z.toJSONSchema(schema)),
      this.#temperatureOf(request),
      maxTokens,
      repeat,
      system,
      prompt,
    ]);
  }

  #names() {
    return { provider: this.#provider, model: this.#pinned.id, server: this.#baseUrl };
  }

  #close(error: CountersteerError): CountersteerError {
    this.#closed ??= error;
    return this.#closed;
  }
}

/** What a client of a language-model provider offers, whoever the provider is. `client.ts` opens one. */
import type { z } from "zod";

export const LLM_PROVIDERS = ["anthropic", "openai", "openrouter", "compatible"] as const;
/** `compatible` is any server that speaks OpenAI's chat completions: llama-server, Ollama, vLLM, `countersteer serve --openai`. */
export type LlmProvider = (typeof LLM_PROVIDERS)[number];

export const STRUCTURED_MODES = ["schema", "json", "text"] as const;
/**
 * How an answer is kept to its schema. `schema`: the server enforces it. `json`: the server enforces JSON and is told the schema. `text`:
 * it is told the schema, and the whole answer must be that JSON. In every mode the answer is checked here, and nothing else is tried.
 */
export type StructuredMode = (typeof STRUCTURED_MODES)[number];

export interface LlmRequest<T> {
  system: string;
  prompt: string;
  /** What the answer must be: an object. Give every field (nullable rather than optional), since some providers demand it. */
  schema: z.ZodType<T>;
  /** Name and version of the wording, for example `judge-told/1`; part of the cache key. */
  promptVersion: string;
  /** @default 4096 */
  maxTokens?: number;
  /** Sent where the model allows one. @default 0 */
  temperature?: number;
  /** Number of the repeat: the same request with another number is asked anew and never served from the other's cache. @default 0 */
  repeat?: number;
  /** Ask even where the answer is kept. @default false */
  fresh?: boolean;
  signal?: AbortSignal | undefined;
}

export interface LlmUsage {
  inputTokens: number;
  outputTokens: number;
}

interface AnswerFacts {
  /** The model that the server says has answered; null where it does not say, or did not answer. */
  model: string | null;
  /** Of the call that made the answer, also where it comes from the cache. */
  usage: LlmUsage;
  /** What this call cost: 0 from the cache, null where the model has no price. */
  costUsd: number | null;
  cached: boolean;
}

export interface LlmValue<T> extends AnswerFacts {
  status: "ok";
  value: T;
}

/**
 * - `refused`: the model declines. `content-filter`: the provider's filter took the request or the answer.
 * - `unparsable`: an answer that is not what the schema says, or was cut off. `empty`: an answer without text.
 * - `failed`: no answer, after all retries.
 */
export interface LlmFailure extends AnswerFacts {
  status: "refused" | "content-filter" | "unparsable" | "empty" | "failed";
  reason: string;
  /** What the model wrote, if anything. */
  text: string | null;
}

export type LlmAnswer<T> = LlmValue<T> | LlmFailure;

export interface LlmSpent {
  /** Answers from the provider, and from the cache. */
  calls: number;
  cachedCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** Of the calls with a known price. */
  costUsd: number;
  /** Calls without a known price. */
  unpricedCalls: number;
}

export interface LlmClient {
  /** What determines the answers: provider, pinned model, mode; part of a judge's identity. */
  describe(): Record<string, string | number>;
  /**
   * Throws LLM_ACCESS where the key, the credit or the model is refused, LLM_UNAVAILABLE after too many failures in a row, ABORTED. Any
   * other failure is an answer, which the caller counts.
   */
  complete<T>(request: LlmRequest<T>): Promise<LlmAnswer<T>>;
  /** Dollars that calls of this size would cost; null where the model has no price. */
  estimate(usage: LlmUsage): number | null;
  /** Since the client was opened. */
  spent(): LlmSpent;
}

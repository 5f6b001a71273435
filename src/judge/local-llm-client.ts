/**
 * The in-process engine behind the interface of a provider's client: no network, no price, and JSON that is forced by a grammar. Requests
 * that are made at one time share the engine's batch.
 */
import { z } from "zod";
import { chatTokens } from "../engine/chat-tokens.ts";
import { type Engine, type Generation, GREEDY } from "../engine/engine.ts";
import { jsonSchemaGrammar, type OpenEnds } from "../engine/json-schema-grammar.ts";
import { CountersteerError, isCode } from "../errors.ts";
import type { LlmAnswer, LlmClient, LlmRequest, LlmSpent } from "../llm/llm-client.ts";
import { readAnswer } from "../llm/read-answer.ts";
import type { ChatMessage } from "../model/chat.ts";

export interface LocalLlmClientOptions {
  engine: Engine;
  /** What the model is called in names and reports. */
  name: string;
  /** Bounds of replies where a schema has none: a small model goes on until it meets one. @default 400 characters, 8 items */
  openEnds?: OpenEnds;
}

const OPEN_ENDS: OpenEnds = { longestText: 400, mostItems: 8 };
const DEFAULT_MAX_TOKENS = 4096;
/** Fewer tokens than this hold no reply. */
const LEAST_ROOM = 32;

export function localLlmClient(options: LocalLlmClientOptions): LlmClient {
  return new LocalLlmClient(options);
}

class LocalLlmClient implements LlmClient {
  readonly #engine: Engine;
  readonly #name: string;
  readonly #openEnds: OpenEnds;
  readonly #grammars = new Map<z.ZodType, string>();
  readonly #spent: LlmSpent = {
    calls: 0,
    cachedCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unpricedCalls: 0,
  };

  constructor({ engine, name, openEnds = OPEN_ENDS }: LocalLlmClientOptions) {
    this.#engine = engine;
    this.#name = name;
    this.#openEnds = openEnds;
  }

  describe(): Record<string, string | number> {
    const { fileHash, weightType, weightMode } = this.#engine.info;
    return {
      provider: "in-process",
      model: this.#name,
      modelHash: fileHash,
      weightType,
      weightMode,
      structured: "grammar",
      ...this.#openEnds,
    };
  }

  async complete<T>({
    system,
    prompt,
    schema,
    maxTokens = DEFAULT_MAX_TOKENS,
    temperature = 0,
    repeat = 0,
    signal,
  }: LlmRequest<T>): Promise<LlmAnswer<T>> {
    const tokens = await this.#tokens(system, prompt);
    const room = Number(this.#engine.build.contextPerSlot) - tokens.length;
    if (room < LEAST_ROOM) {
      return this.#failure({
        status: "failed",
        reason: `the question has ${tokens.length} tokens, and the judge's context leaves ${Math.max(0, room)} for a reply`,
      });
    }
    const generation = await this.#generate({
      id: "reply",
      tokens,
      grammar: this.#grammar(schema),
      sampling: { ...GREEDY, temperature, seed: repeat, maxTokens: Math.min(maxTokens, room) },
      signal,
    });
    const usage = { inputTokens: generation.promptTokens, outputTokens: generation.tokens.length };
    this.#spent.calls++;
    this.#spent.inputTokens += usage.inputTokens;
    this.#spent.outputTokens += usage.outputTokens;
    const { text } = generation;
    const finish = generation.finish === "length" ? "length" : "stop";
    const read = readAnswer({ answer: { text, finish }, schema });
    return read.status === "ok"
      ? { ...read, model: this.#name, usage, costUsd: 0, cached: false }
      : { ...this.#failure(read), usage, text };
  }

  estimate(): number {
    return 0;
  }

  spent(): LlmSpent {
    return { ...this.#spent };
  }

  /** A template that allows no system message gets its text before the question. */
  async #tokens(system: string, prompt: string): Promise<Int32Array> {
    const user: ChatMessage = { role: "user", content: prompt };
    try {
      return await chatTokens({
        engine: this.#engine,
        messages: [{ role: "system", content: system }, user],
      });
    } catch (error) {
      if (!isCode(error, "TEMPLATE_INVALID")) {
        throw error;
      }
      return await chatTokens({
        engine: this.#engine,
        messages: [{ role: "user", content: `${system}\n\n${prompt}` }],
      });
    }
  }

  async #generate({
    signal,
    ...request
  }: Parameters<Engine["generate"]>[0][number] & { signal: AbortSignal | undefined }): Promise<Generation> {
    const results = this.#engine.generate([request], signal === undefined ? {} : { signal });
    for await (const generation of results) {
      return generation;
    }
    throw new CountersteerError("ENGINE_CRASHED", {
      what: "The judge's engine gave no reply.",
      why: "Its results ended before the one that was asked for.",
      todo: "Run the command again: finished trials are kept.",
    });
  }

  #grammar(schema: z.ZodType): string {
    const known = this.#grammars.get(schema);
    if (known !== undefined) {
      return known;
    }
    const grammar = jsonSchemaGrammar(z.toJSONSchema(schema), this.#openEnds);
    this.#grammars.set(schema, grammar);
    return grammar;
  }

  #failure({
    status,
    reason,
  }: {
    status: "refused" | "content-filter" | "unparsable" | "empty" | "failed";
    reason: string;
  }) {
    return {
      status,
      reason,
      text: null,
      model: this.#name,
      usage: { inputTokens: 0, outputTokens: 0 },
      costUsd: 0,
      cached: false,
    };
  }
}

/** From a chat request to the engine's requests, and from its results to one stream of events. */
import { chatTokens } from "../../engine/chat-tokens.ts";
import type { Engine, Generation, GenerationRequest } from "../../engine/engine.ts";
import { JSON_OBJECT_GRAMMAR, jsonSchemaGrammar } from "../../engine/json-schema-grammar.ts";
import { ApiError, asApiError } from "./api-error.ts";
import type { ChatRequest, ResponseFormat } from "./chat-request.ts";
import { interventionOf, type ServedSae } from "./intervention-extension.ts";
import { StopHold } from "./stop-hold.ts";

const SEEDS = 2 ** 53;

export interface ChatJobOptions {
  engine: Engine;
  request: ChatRequest;
  sae: ServedSae | null;
  /** A number in [0, 1) for a seed that was not given. */
  random: () => number;
}

/** One engine request for each choice; their ids are the choices' indexes. Throws an ApiError. */
export async function generationRequests({
  engine,
  request,
  sae,
  random,
}: ChatJobOptions): Promise<GenerationRequest[]> {
  const grammar = blame("response_format", () => grammarOf(request.response_format));
  const intervention = blame("countersteer", () =>
    request.countersteer === undefined
      ? undefined
      : interventionOf({ extension: request.countersteer.intervention, sae }),
  );
  const tokens = await chatTokens({ engine, messages: request.messages }).catch((error: unknown) => {
    throw asApiError(error, "messages");
  });
  const seed = request.seed ?? Math.floor(random() * SEEDS);
  return Array.from({ length: request.n }, (_, index) => ({
    id: String(index),
    tokens,
    sampling: {
      temperature: request.temperature,
      topP: request.top_p,
      // vLLM's clients write -1 for off
      topK: Math.max(0, request.top_k),
      minP: request.min_p,
      repetitionPenalty: request.repetition_penalty,
      seed: (seed + index) % SEEDS,
      maxTokens: request.maxTokens ?? roomFor(engine, tokens),
      stop: request.stop,
    },
    ...(grammar === null ? {} : { grammar }),
    ...(intervention === undefined ? {} : { intervention }),
  }));
}

/** What is left of a sequence's context. */
function roomFor(engine: Engine, tokens: Int32Array): number {
  const context = Number(engine.build.contextPerSlot);
  if (tokens.length >= context) {
    throw new ApiError({
      status: 400,
      message: `The messages are ${tokens.length} tokens long, and this server's context holds ${context} with the answer.`,
      param: "messages",
      code: "context_length_exceeded",
    });
  }
  return context - tokens.length;
}

function grammarOf(format: ResponseFormat): string | null {
  switch (format.type) {
    case "text":
      return null;
    case "json_object":
      return JSON_OBJECT_GRAMMAR;
    case "json_schema":
      return jsonSchemaGrammar(format.json_schema.schema);
    default:
      format satisfies never;
      return null;
  }
}

function blame<T>(param: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asApiError(error, param);
  }
}

export type ChatEvent =
  | { type: "text"; index: number; text: string }
  | { type: "end"; index: number; generation: Generation };

/**
 * Starts the generations and gives their text as it comes. Throws at once where the engine refuses the requests; an error on the way errors the stream.
 */
export function chatEvents({
  engine,
  requests,
  signal,
}: {
  engine: Engine;
  requests: GenerationRequest[];
  signal: AbortSignal;
}): ReadableStream<ChatEvent> {
  const texts = requests.map(({ sampling }) => new StopHold({ stop: sampling.stop }));
  const waiting: ChatEvent[] = [];
  let emit = (event: ChatEvent): void => {
    waiting.push(event);
  };
  const show = (index: number, text: string | undefined) => {
    if (text) {
      emit({ type: "text", index, text });
    }
  };
  const results = engine.generate(requests, {
    signal,
    onToken: ({ id, text }) => show(Number(id), texts[Number(id)]?.push(text)),
  });
  return new ReadableStream<ChatEvent>({
    async start(controller) {
      emit = (event) => controller.enqueue(event);
      waiting.splice(0).forEach(emit);
      try {
        for await (const generation of results) {
          const index = Number(generation.id);
          show(index, texts[index]?.finish(generation.text));
          emit({ type: "end", index, generation });
        }
        controller.close();
      } catch (error) {
        emit = () => {};
        controller.error(error);
      }
    },
  });
}

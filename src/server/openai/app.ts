/** The HTTP application of `serve --openai`. It knows nothing of sockets, so that tests can call it. */
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Engine, Generation } from "../../engine/engine.ts";
import { isAllowedHost } from "../allowed-host.ts";
import { limitBody } from "../limit-body.ts";
import { ApiError, asApiError } from "./api-error.ts";
import { type AnswerFacts, chunk, completion, usageChunk } from "./chat-answer.ts";
import { chatEvents, generationRequests } from "./chat-job.ts";
import { type ChatRequest, readChatRequest } from "./chat-request.ts";
import type { ServedSae } from "./intervention-extension.ts";

export interface OpenAiAppOptions {
  engine: Engine;
  /** The name under which clients ask for the model. */
  model: string;
  /** Latents that requests may steer with; null for none. */
  sae: ServedSae | null;
  /** Host names that are let in besides addresses and `localhost`. */
  hostNames: readonly string[];
  /** Bytes. */
  maxBody: number;
  /** Answers that may run or wait at a time. */
  maxAnswers: number;
  /** Ends every answer. */
  signal: AbortSignal;
  /** True once no more requests are taken. */
  isClosing: () => boolean;
  /** Milliseconds since 1970. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  newId: () => string;
}

export function openAiApp(options: OpenAiAppOptions): Hono {
  const { model, hostNames, maxBody, isClosing, now } = options;
  const created = Math.floor(now() / 1000);
  const entry = { id: model, object: "model", created, owned_by: "countersteer" };
  const chat = new ChatEndpoint(options);
  const app = new Hono();

  app.onError((error, c) => sendError(c, asApiError(error)));
  app.notFound((c) =>
    sendError(
      c,
      new ApiError({
        status: 404,
        message: `There is no ${c.req.method} ${c.req.path}. This server has GET /v1/models and POST /v1/chat/completions.`,
        code: "unknown_url",
      }),
    ),
  );
  app.use(async (c, next) => {
    if (!isAllowedHost({ host: c.req.header("host"), names: hostNames })) {
      throw new ApiError({
        status: 403,
        message:
          "The Host header names a host that this server does not serve. Start it with --allow-host NAME to let it in.",
        code: "host_not_allowed",
      });
    }
    if (isClosing()) {
      throw new ApiError({ status: 503, message: "The server is shutting down." });
    }
    await next();
  });
  app.get("/v1/models", (c) => c.json({ object: "list", data: [entry] }));
  app.get("/v1/models/:id{.+}", (c) => {
    if (c.req.param("id") !== model) {
      throw unknownModel(c.req.param("id"), model);
    }
    return c.json(entry);
  });
  app.post(
    "/v1/chat/completions",
    limitBody({
      most: maxBody,
      refuse: (c) =>
        sendError(c, new ApiError({ status: 413, message: `The body is longer than ${maxBody} bytes.` })),
    }),
    async (c) => {
      const request = readChatRequest(await readJson(c));
      if (request.model !== model) {
        throw unknownModel(request.model, model);
      }
      return await chat.answer(c, request);
    },
  );
  return app;
}

class ChatEndpoint {
  readonly #o: OpenAiAppOptions;
  /** Answers that run or wait. */
  #answers = 0;

  constructor(options: OpenAiAppOptions) {
    this.#o = options;
  }

  async answer(c: Context, request: ChatRequest): Promise<Response> {
    const { maxAnswers } = this.#o;
    if (this.#answers + request.n > maxAnswers) {
      c.header("Retry-After", "1");
      throw new ApiError({
        status: 429,
        message: `${this.#answers} answers are running or waiting, and this server takes ${maxAnswers}. Try again later.`,
        code: "rate_limit_exceeded",
      });
    }
    this.#answers += request.n;
    const done = () => {
      this.#answers -= request.n;
    };
    return request.stream
      ? await this.#stream(c, request, done)
      : await this.#whole(c, request).finally(done);
  }

  async #whole(c: Context, request: ChatRequest): Promise<Response> {
    const { engine, signal } = this.#o;
    const requests = await generationRequests({ ...this.#o, request });
    const generations: Generation[] = [];
    const either = AbortSignal.any([signal, c.req.raw.signal]);
    for await (const generation of engine.generate(requests, { signal: either })) {
      generations.push(generation);
    }
    generations.sort((a, b) => Number(a.id) - Number(b.id));
    return c.json(completion({ facts: this.#facts(), generations }));
  }

  /** A refusal comes before the first byte, with its own status; later failures come as an event of the stream. */
  async #stream(c: Context, request: ChatRequest, done: () => void): Promise<Response> {
    const { engine, signal } = this.#o;
    const gone = new AbortController();
    const either = AbortSignal.any([signal, c.req.raw.signal, gone.signal]);
    try {
      const requests = await generationRequests({ ...this.#o, request });
      const events = chatEvents({ engine, requests, signal: either });
      const facts = this.#facts();
      const withUsage = request.stream_options.include_usage;
      return streamSSE(c, async (stream) => {
        stream.onAbort(() => gone.abort());
        const send = (data: unknown) => stream.writeSSE({ data: JSON.stringify(data) });
        try {
          for (let index = 0; index < request.n; index++) {
            const delta = { role: "assistant", content: "" };
            await send(chunk({ facts, choice: { index, delta }, withUsage }));
          }
          const generations: Generation[] = [];
          for await (const event of events) {
            const choice =
              event.type === "text"
                ? { index: event.index, delta: { content: event.text } }
                : { index: event.index, delta: {}, end: event.generation };
            if (event.type === "end") {
              generations.push(event.generation);
            }
            await send(chunk({ facts, choice, withUsage }));
          }
          if (withUsage) {
            await send(usageChunk({ facts, generations }));
          }
          await stream.writeSSE({ data: "[DONE]" });
        } catch (error) {
          await send(asApiError(error).body);
        } finally {
          done();
        }
      });
    } catch (error) {
      done();
      throw error;
    }
  }

  #facts(): AnswerFacts {
    const { engine, model, now, newId } = this.#o;
    const { fileHash, weightType } = engine.info;
    return {
      id: `chatcmpl-${newId()}`,
      created: Math.floor(now() / 1000),
      model,
      fingerprint: `${fileHash.slice(0, 12)}-${weightType}`,
    };
  }
}

async function readJson(c: Context): Promise<unknown> {
  // a form of a foreign web page can't send this type without being asked first, which this server never answers
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
    throw new ApiError({ status: 415, message: "The Content-Type must be application/json." });
  }
  try {
    return await c.req.json();
  } catch (cause) {
    throw new ApiError({ status: 400, message: "The body is no JSON.", code: "invalid_json", cause });
  }
}

function unknownModel(asked: string, served: string): ApiError {
  return new ApiError({
    status: 404,
    message: `The model "${asked}" does not exist here. This server has "${served}".`,
    param: "model",
    code: "model_not_found",
  });
}

function sendError(c: Context, error: ApiError): Response {
  return c.json(error.body, error.status);
}

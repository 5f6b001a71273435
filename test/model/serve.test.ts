/** `serve --openai`: a client of the AI SDK and bare HTTP against the in-process engine. */
import http from "node:http";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, Output, streamText } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { chatTokens } from "../../src/engine/chat-tokens.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { ChatMessage } from "../../src/model/chat.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { type OpenAiServer, startOpenAiServer } from "../../src/server/openai/server.ts";
import { generateOne, openEngine, sampling } from "./support/engine.ts";

const SAE = openDictionary({ path: "smollm2-135m-instruct.l15.8k" });
const QUESTION = "What is the capital of France?";
const TALK: ChatMessage[] = [
  { role: "system", content: "You answer in one sentence." },
  { role: "user", content: "Hello." },
  { role: "assistant", content: "Hello, what do you want to know?" },
  { role: "user", content: QUESTION },
];

let engine: Engine;
let server: OpenAiServer;
beforeAll(async () => {
  engine = await openEngine({ slots: 4 });
  server = await startOpenAiServer({
    engine,
    model: "smol",
    sae: { dictionary: SAE, layer: 15 },
    maxBody: 20_000,
    maxAnswers: 6,
    newId: () => "id",
  });
});
afterAll(async () => {
  await server.close({ graceMs: 0 });
  await engine.close();
});

function client(options: { headers?: Record<string, string> } = {}) {
  return createOpenAICompatible({
    name: "countersteer",
    baseURL: server.url,
    includeUsage: true,
    supportsStructuredOutputs: true,
    ...options,
  })("smol");
}

function post(body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

const PLAIN = {
  model: "smol",
  messages: [{ role: "user", content: QUESTION }],
  max_tokens: 12,
  temperature: 0,
};

/** What the engine itself says to messages, greedily. */
async function direct(messages: ChatMessage[], maxTokens = 12) {
  const tokens = await chatTokens({ engine, messages });
  return generateOne(engine, { tokens, sampling: sampling({ maxTokens }) });
}

const Answer = z.looseObject({
  choices: z.array(
    z.looseObject({
      index: z.number(),
      message: z.object({ content: z.string() }).default({ content: "" }),
      delta: z.object({ role: z.string().optional(), content: z.string().default("") }).optional(),
      finish_reason: z.string().nullable(),
      countersteer: z.unknown().optional(),
    }),
  ),
});
const Failure = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

async function answerOf(response: Response) {
  return Answer.parse(await response.json());
}

async function textOf(response: Response): Promise<string | undefined> {
  return (await answerOf(response)).choices[0]?.message.content;
}

async function errorOf(response: Response) {
  return Failure.parse(await response.json()).error;
}

async function events(response: Response): Promise<string[]> {
  return (await response.text())
    .split("\n\n")
    .filter(Boolean)
    .map((event) => event.replace(/^data: /, ""));
}

describe("a client of the AI SDK", () => {
  const settings = { temperature: 0, maxOutputTokens: 12, maxRetries: 0 };

  it("gets the engine's own words, in a talk of several turns", async () => {
    const wanted = await direct(TALK);
    const [system, ...messages] = TALK;
    const answer = await generateText({
      model: client(),
      instructions: system?.content ?? "",
      messages: messages.map(({ role, content }) =>
        role === "assistant" ? { role, content } : { role: "user" as const, content },
      ),
      ...settings,
    });
    expect(answer.text).toBe(wanted.text);
    expect(answer.finishReason).toBe(wanted.finish);
    expect(answer.usage).toMatchObject({
      inputTokens: wanted.promptTokens,
      outputTokens: wanted.tokens.length,
    });
  });

  it("gets the same words streamed, with usage at the end", async () => {
    const wanted = await direct([{ role: "user", content: QUESTION }]);
    const stream = streamText({ model: client(), prompt: QUESTION, ...settings });
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(4);
    expect(pieces.join("")).toBe(wanted.text);
    expect(await stream.usage).toMatchObject({
      inputTokens: wanted.promptTokens,
      outputTokens: wanted.tokens.length,
    });
  });

  it("gets an object of its schema from a model that could not write one", async () => {
    const schema = z.object({
      city: z.string().max(20),
      score: z.int().min(0).max(100),
      kind: z.enum(["city", "village"]),
      note: z.string().max(10).nullable(),
    });
    const { output } = await generateText({
      model: client(),
      prompt: QUESTION,
      output: Output.object({ schema }),
      ...settings,
      maxOutputTokens: 100,
    });
    expect(schema.parse(output)).toEqual(output);
  });

  it("is told a refusal, and does not try again", async () => {
    const refused = generateText({
      model: client(),
      prompt: QUESTION,
      topK: 3,
      frequencyPenalty: 1,
      ...settings,
    });
    await expect(refused).rejects.toSatisfy(
      (error) => APICallError.isInstance(error) && error.statusCode === 400 && !error.isRetryable,
    );
  });
});

describe("answers", () => {
  it("several choices have seeds of their own, and the same seed gives them again", async () => {
    const body = { ...PLAIN, temperature: 1, seed: 7, n: 3 };
    const ask = async () => answerOf(await post(body));
    const [first, second] = [await ask(), await ask()];
    expect(first).toEqual({ ...second, created: first.created });
    const texts = first.choices.map((choice) => choice.message.content);
    expect(new Set(texts).size).toBe(3);
    expect(first.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it("a stop text ends an answer and is in no piece of it, streamed or whole", async () => {
    const full = (await direct([{ role: "user", content: QUESTION }])).text;
    const stop = full.slice(8, 13);
    const wanted = full.slice(0, full.indexOf(stop));
    const whole = await answerOf(await post({ ...PLAIN, stop }));
    expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: wanted } });
    const chunks = await events(await post({ ...PLAIN, stop, stream: true }));
    expect(chunks.pop()).toBe("[DONE]");
    const deltas = chunks.flatMap((text) => Answer.parse(JSON.parse(text)).choices);
    expect(deltas.map(({ delta }) => delta?.content).join("")).toBe(wanted);
    expect(deltas.at(-1)).toMatchObject({ delta: { content: "" }, finish_reason: "stop" });
    expect(deltas[0]?.delta?.role).toBe("assistant");
  });

  it("json_object is an object, and the length is the context's where none is given", async () => {
    const { max_tokens: _, ...body } = PLAIN;
    const format = { response_format: { type: "json_object" }, stop: ["}"], temperature: 1, seed: 1 };
    expect(await textOf(await post({ ...body, ...format }))).toMatch(/^\{/);
  });

  it("steers by a latent, with the receipt of what was done", async () => {
    const edits = [{ kind: "add", latent: 10, strength: 90 }];
    const ask = async (stream: boolean) =>
      post({ ...PLAIN, stream, countersteer: { intervention: { edits, positions: { kind: "generated" } } } });
    const [choice] = (await answerOf(await ask(false))).choices;
    expect(choice?.message.content).not.toBe((await direct([{ role: "user", content: QUESTION }])).text);
    expect(choice?.countersteer).toMatchObject({
      receipt: {
        layer: 15,
        promptRows: 0,
        rowsEdited: 11,
        edits: [{ kind: "add", latent: 10 }],
      },
    });
    const streamed = (await events(await ask(true))).filter((text) => text.includes("receipt"));
    expect(streamed.map((text) => JSON.parse(text).choices[0].countersteer)).toEqual([choice?.countersteer]);
  });

  it("requests at one time share the batch and keep their answers apart", async () => {
    const wanted = await direct([{ role: "user", content: QUESTION }]);
    const answers = await Promise.all(Array.from({ length: 6 }, async () => textOf(await post(PLAIN))));
    expect(new Set(answers)).toEqual(new Set([wanted.text]));
  });
});

describe("refusals in OpenAI's shape", () => {
  const long = [{ role: "user", content: "word ".repeat(600) }];
  const pattern = {
    name: "x",
    schema: { type: "object", properties: { a: { type: "string", pattern: "b" } } },
  };
  it.each<[string, unknown, number, string | null, string | null]>([
    ["no JSON", "{", 400, null, "invalid_json"],
    ["an unknown parameter", { ...PLAIN, best_of: 3 }, 400, "best_of", "unsupported_parameter"],
    ["logprobs", { ...PLAIN, logprobs: true }, 400, "logprobs", "unsupported_parameter"],
    ["a value out of range", { ...PLAIN, temperature: 9 }, 400, "temperature", "invalid_value"],
    ["another model", { ...PLAIN, model: "gpt-4o" }, 404, "model", "model_not_found"],
    ["too many tokens", { ...PLAIN, max_tokens: 4000 }, 400, null, "context_length_exceeded"],
    [
      "too long a prompt",
      { ...PLAIN, messages: long, max_tokens: undefined },
      400,
      "messages",
      "context_length_exceeded",
    ],
    [
      "an empty message",
      { ...PLAIN, messages: [{ role: "user", content: " " }] },
      400,
      "messages",
      "PROMPT_EMPTY",
    ],
    [
      "a schema outside the subset",
      { ...PLAIN, response_format: { type: "json_schema", json_schema: pattern } },
      400,
      "response_format",
      "REQUEST_INVALID",
    ],
    [
      "an unknown latent",
      { ...PLAIN, countersteer: { intervention: { edits: [{ kind: "clamp", latent: 99999, value: 0 }] } } },
      400,
      "countersteer",
      "LATENT_UNKNOWN",
    ],
    [
      "a layer out of range",
      {
        ...PLAIN,
        countersteer: { intervention: { layer: 99, edits: [{ kind: "clamp", latent: 1, value: 0 }] } },
      },
      400,
      null,
      "LAYER_OUT_OF_RANGE",
    ],
    ["too many answers", { ...PLAIN, n: 7 }, 429, null, "rate_limit_exceeded"],
  ])("%s", async (_, body, status, param, code) => {
    for (const stream of [false, true]) {
      const response = await post(typeof body === "string" ? body : { ...Object(body), stream });
      const error = await errorOf(response);
      expect({ status: response.status, param: error.param, code: error.code }).toEqual({
        status,
        param,
        code,
      });
      expect(error.message.length).toBeGreaterThan(10);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("a body over the limit, another content type, another path", async () => {
    expect((await post({ ...PLAIN, user: "x".repeat(30_000) })).status).toBe(413);
    expect((await post(PLAIN, { headers: { "content-type": "text/plain" } })).status).toBe(415);
    const nowhere = await fetch(`${server.url}/embeddings`, { method: "POST" });
    expect([nowhere.status, (await errorOf(nowhere)).code]).toEqual([404, "unknown_url"]);
  });

  it("a foreign Host, as DNS rebinding sends it", async () => {
    const status = await new Promise((resolve, reject) => {
      http
        .get(`${server.url}/models`, { headers: { host: "evil.example" } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on("error", reject);
    });
    expect(status).toBe(403);
  });

  it("the models are listed", async () => {
    expect(await (await fetch(`${server.url}/models`)).json()).toMatchObject({
      data: [{ id: "smol", object: "model" }],
    });
    expect((await fetch(`${server.url}/models/other`)).status).toBe(404);
  });
});

describe("ends", () => {
  it.each([true, false])("a client that goes away frees its place (streamed: %s)", async (stream) => {
    const alone = await startOpenAiServer({ engine, model: "smol", maxAnswers: 1 });
    const ask = (body: object, signal?: AbortSignal) =>
      fetch(`${alone.url}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...PLAIN, ...body }),
        ...(signal === undefined ? {} : { signal }),
      });
    const gone = new AbortController();
    const endless = {
      temperature: 1,
      seed: 1,
      max_tokens: 450,
      stream,
      response_format: { type: "json_object" },
    };
    const running = ask(endless, gone.signal).then((response) => response.text());
    await expect.poll(async () => (await ask({ max_tokens: 1 })).status).toBe(429);
    gone.abort();
    await expect(running).rejects.toThrow();
    await expect.poll(async () => (await ask({ max_tokens: 1 })).status, { timeout: 20_000 }).toBe(200);
    await alone.close();
  });

  it("closing finishes what runs, within its grace, and takes nothing new", async () => {
    const own = await startOpenAiServer({ engine, model: "smol" });
    const ask = (body: object) =>
      fetch(`${own.url}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...PLAIN, ...body }),
      });
    const response = await ask({ stream: true });
    const closed = own.close();
    expect((await events(response)).at(-1)).toBe("[DONE]");
    await closed;
    await expect(ask({})).rejects.toThrow();
  });

  it("closing without grace says so in the stream", async () => {
    const own = await startOpenAiServer({ engine, model: "smol" });
    const response = await fetch(`${own.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...PLAIN, stream: true, max_tokens: 450, temperature: 2, seed: 2 }),
    });
    await own.close({ graceMs: 0 });
    expect(JSON.parse((await events(response)).at(-1) ?? "").error).toMatchObject({
      type: "server_error",
      code: "ABORTED",
    });
  });

  it("an address that is taken is a coded error", async () => {
    await expect(startOpenAiServer({ engine, port: server.port })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

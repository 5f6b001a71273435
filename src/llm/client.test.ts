import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Fault, serverError, startFaultProxy, tooMany } from "../../test/support/fault-proxy.ts";
import { closedAddress } from "../../test/support/hub-server.ts";
import { type Answer, startLlmServer } from "../../test/support/llm-server.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { type LlmClientOptions, openLlmClient } from "./client.ts";
import type { LlmRequest } from "./llm-client.ts";

const schema = z.strictObject({ word: z.string(), number: z.int().min(0).max(9).nullable() });
const REQUEST: LlmRequest<z.infer<typeof schema>> = {
  system: "You name a word.",
  prompt: "Which word?",
  schema,
  promptVersion: "word/1",
};
const GOOD = JSON.stringify({ word: "sea", number: 3 });
const good: Answer = () => GOOD;

/** A clock that only sleeping moves. */
function clock() {
  const waits: number[] = [];
  let time = 0;
  return {
    waits,
    now: () => time,
    sleep: async (ms: number) => {
      waits.push(ms);
      time += ms;
    },
  };
}

function open(options: Partial<LlmClientOptions> & { baseUrl: string }) {
  const { now, sleep } = clock();
  return openLlmClient({
    provider: "compatible",
    model: "m",
    apiKey: "key",
    cacheDir: null,
    now,
    sleep,
    ...options,
  });
}

test("an OpenAI-compatible server is sent the schema, temperature 0 and the key, and its answer is read", async () => {
  await using server = await startLlmServer({
    answer: () => ({ text: GOOD, usage: { input: 7, output: 5 }, model: "m-2026" }),
  });
  const client = open({ baseUrl: server.url });
  expect(await client.complete({ ...REQUEST, maxTokens: 99 })).toEqual({
    status: "ok",
    value: { word: "sea", number: 3 },
    model: "m-2026",
    usage: { inputTokens: 7, outputTokens: 5 },
    costUsd: null,
    cached: false,
  });
  const [call] = server.seen;
  expect(call?.headers.authorization).toBe("Bearer key");
  expect([call?.system, call?.prompt]).toEqual([REQUEST.system, REQUEST.prompt]);
  expect(call?.body).toMatchObject({
    model: "m",
    temperature: 0,
    max_tokens: 99,
    response_format: {
      type: "json_schema",
      json_schema: { strict: true, schema: { required: ["word", "number"], additionalProperties: false } },
    },
  });
});

test.each(["haiku-4.5", "haiku-3.5"])(
  "Anthropic's protocol works for %s, with native structured output or through a tool",
  async (model) => {
    await using server = await startLlmServer({ answer: good });
    const client = open({ baseUrl: server.url, provider: "anthropic", model });
    expect(await client.complete(REQUEST)).toMatchObject({ status: "ok", value: { word: "sea", number: 3 } });
    const [call] = server.seen;
    expect(call?.headers["x-api-key"]).toBe("key");
    expect(call?.body).toMatchObject({
      temperature: 0,
      max_tokens: 4096,
      model: expect.stringMatching(/-20\d{6}$/),
    });
    expect([call?.system, call?.prompt]).toEqual([REQUEST.system, REQUEST.prompt]);
  },
);

test("OpenAI is sent the newer name of the longest answer, and a model that thinks no temperature", async () => {
  await using server = await startLlmServer({ answer: good });
  await open({ baseUrl: server.url, provider: "openai", model: "gpt-5-mini" }).complete(REQUEST);
  const body = server.seen[0]?.body ?? {};
  expect(body).toMatchObject({ model: "gpt-5-mini-2025-08-07", max_completion_tokens: 4096 });
  expect(body).not.toHaveProperty("max_tokens");
  expect(body).not.toHaveProperty("temperature");
});

test.each<[string, Fault[]]>([
  ["429", [tooMany("7")]],
  ["408 and 409", [serverError(408), serverError(409)]],
  ["500, 503 and 529", [serverError(), serverError(503), serverError(529)]],
  ["a body that ends in its middle", [{ kind: "truncate" }]],
  ["a dropped connection", [{ kind: "drop" }]],
  ["all together", [tooMany("1"), { kind: "drop" }, serverError(502), { kind: "truncate" }]],
])("%s is asked again, and the answer is as if nothing had happened", async (_, script) => {
  await using server = await startLlmServer({ answer: good });
  await using proxy = await startFaultProxy({ target: server.url, script });
  const { waits, ...time } = clock();
  const client = open({ baseUrl: proxy.url, ...time });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "ok", value: { word: "sea" } });
  expect(proxy.requests()).toBe(script.length + 1);
  expect(waits.length).toBeGreaterThanOrEqual(script.length);
});

test("Retry-After is honoured, in seconds and as a date, and holds back the other requests as well", async () => {
  await using server = await startLlmServer({ answer: good });
  for (const [header, now] of [
    ["9", 0],
    ["Thu, 01 Jan 1970 00:01:09 GMT", 60_000],
  ] as const) {
    await using proxy = await startFaultProxy({ target: server.url, script: [tooMany(header)] });
    let time: number = now;
    const sleep = async (ms: number) => {
      time += ms;
    };
    const client = open({ baseUrl: proxy.url, concurrency: 1, now: () => time, sleep });
    const answers = await Promise.all([client.complete(REQUEST), client.complete({ ...REQUEST, repeat: 1 })]);
    expect(answers.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(time - now).toBeGreaterThanOrEqual(9000);
    expect(proxy.requests()).toBe(3);
  }
});

test("back-off doubles, never waits less than half of it, and ends after the last retry as a failure", async () => {
  await using server = await startLlmServer({ answer: good });
  await using proxy = await startFaultProxy({ target: server.url });
  for (const random of [() => 0, () => 1]) {
    proxy.always = serverError(503);
    const { waits, ...time } = clock();
    const client = open({ baseUrl: proxy.url, maxRetries: 4, random, ...time });
    expect(await client.complete(REQUEST)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("503"),
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000].map((ms) => (random() === 0 ? ms / 2 : ms)));
  }
});

test("a server that asks to wait for an hour has failed", async () => {
  await using server = await startLlmServer({ answer: good });
  await using proxy = await startFaultProxy({ target: server.url, script: [tooMany("3600")] });
  expect(await open({ baseUrl: proxy.url }).complete(REQUEST)).toMatchObject({ status: "failed" });
  expect(proxy.requests()).toBe(1);
});

test("a request that is refused as wrong is not asked again", async () => {
  await using server = await startLlmServer({ answer: good });
  await using proxy = await startFaultProxy({
    target: server.url,
    script: [serverError(400), serverError(422)],
  });
  const client = open({ baseUrl: proxy.url });
  for (const status of ["400", "422"]) {
    expect(await client.complete(REQUEST)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining(status),
    });
  }
  expect(proxy.requests()).toBe(2);
});

test.each([401, 402, 403, 404])(
  "status %i ends everything at once, with one error, and nothing more is sent",
  async (status) => {
    await using server = await startLlmServer({ answer: good });
    await using proxy = await startFaultProxy({ target: server.url });
    proxy.always = serverError(status);
    const client = open({ baseUrl: proxy.url });
    await expect(client.complete(REQUEST)).rejects.toMatchObject({ code: "LLM_ACCESS", facts: { status } });
    await expect(client.complete(REQUEST)).rejects.toMatchObject({ code: "LLM_ACCESS" });
    expect(proxy.requests()).toBe(1);
  },
);

test("an empty account is no rate limit", async () => {
  await using server = await startLlmServer({ answer: good });
  const body = { error: { message: "no credit", code: "insufficient_quota" } };
  await using proxy = await startFaultProxy({
    target: server.url,
    script: [{ kind: "status", status: 429, body }],
  });
  await expect(open({ baseUrl: proxy.url }).complete(REQUEST)).rejects.toMatchObject({ code: "LLM_ACCESS" });
  expect(proxy.requests()).toBe(1);
});

test("a filter that refuses the request is told from a refused key", async () => {
  await using server = await startLlmServer({ answer: good });
  const moderated = { error: { code: 403, message: "flagged", metadata: { reasons: ["violence"] } } };
  const filtered = { error: { code: "content_filter", message: "filtered" } };
  await using proxy = await startFaultProxy({
    target: server.url,
    script: [
      { kind: "status", status: 403, body: moderated },
      { kind: "status", status: 400, body: filtered },
    ],
  });
  const client = open({ baseUrl: proxy.url });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "content-filter" });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "content-filter" });
});

test.each(["compatible", "anthropic"] as const)(
  "%s: refusal, empty, cut off, no JSON and wrong fields are told apart",
  async (provider) => {
    const replies = [
      { text: "", refusal: "I won't." },
      { text: "" },
      { text: '{"word": "se', finish: "length" as const },
      { text: "Certainly! The word is sea." },
      { text: '{"word": 3, "number": 1}' },
      { text: '{"word": "sea", "number": 11}' },
      { text: '{"word": "sea", "number": 1, "more": 1}' },
      { text: "I'm sorry, but I can't help with that." },
    ];
    await using server = await startLlmServer({ answer: (_, index) => replies[index] ?? "" });
    const model = provider === "anthropic" ? "haiku-4.5" : "m";
    const client = open({ baseUrl: server.url, provider, model });
    const statuses: string[] = [];
    for (const _ of replies) statuses.push((await client.complete(REQUEST)).status);
    expect(statuses).toEqual(["refused", "empty", ...Array(5).fill("unparsable"), "refused"]);
    expect(client.spent()).toMatchObject({ calls: replies.length, cachedCalls: 0 });
  },
);

test("an answer that the provider's filter withheld is no refusal", async () => {
  await using server = await startLlmServer({ answer: () => ({ text: '{"wo', finish: "filter" }) });
  expect(await open({ baseUrl: server.url }).complete(REQUEST)).toMatchObject({ status: "content-filter" });
});

test("a server without JSON schemas is told the schema only where that was asked for, and is read as strictly", async () => {
  await using server = await startLlmServer({ answer: () => `\`\`\`json\n${GOOD}\n\`\`\`` });
  const json = open({ baseUrl: server.url, structured: "json" });
  const text = open({ baseUrl: server.url, structured: "text" });
  expect(await json.complete(REQUEST)).toMatchObject({ status: "ok", value: { word: "sea" } });
  expect(await text.complete(REQUEST)).toMatchObject({ status: "ok", value: { word: "sea" } });
  expect(server.seen[0]?.body.response_format).toEqual({ type: "json_object" });
  expect(server.seen[1]?.body).not.toHaveProperty("response_format");
  for (const { system } of server.seen) expect(system).toContain('"maximum":9');
  await using chatty = await startLlmServer({ answer: () => `Here it is: ${GOOD}` });
  const other = open({ baseUrl: chatty.url, structured: "text" });
  expect(await other.complete(REQUEST)).toMatchObject({ status: "unparsable" });
});

test("an answer that does not come in time is a failure, and the next one is taken", async () => {
  await using server = await startLlmServer({ answer: good });
  await using proxy = await startFaultProxy({
    target: server.url,
    script: [{ kind: "pass" }, { kind: "slow", ms: 60_000 }],
  });
  const client = open({ baseUrl: proxy.url, timeoutMs: 1500, maxRetries: 0 });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "ok" });
  expect(await client.complete(REQUEST)).toMatchObject({
    status: "failed",
    reason: expect.stringContaining("1.5 s"),
  });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "ok" });
});

test("failures in a row end the client, and a success in between starts the count anew", async () => {
  await using server = await startLlmServer({ answer: good });
  const down = serverError(503);
  const up: Fault = { kind: "pass" };
  await using proxy = await startFaultProxy({
    target: server.url,
    script: [down, down, up, down, down, down, up],
  });
  const client = open({ baseUrl: proxy.url, maxRetries: 0, maxFailures: 3 });
  const statuses: string[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await client.complete(REQUEST)).status);
  expect(statuses).toEqual(["failed", "failed", "ok", "failed", "failed"]);
  await expect(client.complete(REQUEST)).rejects.toMatchObject({
    code: "LLM_UNAVAILABLE",
    facts: { failures: 3 },
  });
  await expect(client.complete(REQUEST)).rejects.toMatchObject({ code: "LLM_UNAVAILABLE" });
  expect(proxy.requests()).toBe(6);
});

test("an address where nobody listens is an error after the first request's retries", async () => {
  const client = open({ baseUrl: `${await closedAddress()}/v1`, maxRetries: 2 });
  await expect(client.complete(REQUEST)).rejects.toMatchObject({
    code: "LLM_UNAVAILABLE",
    why: expect.stringContaining("ECONNREFUSED"),
  });
});

test("an answer is kept by everything that could change it, and a repeat is never served from another's", async () => {
  await using folder = await temporaryFolder();
  await using server = await startLlmServer({
    answer: (_, index) => JSON.stringify({ word: `w${index}`, number: null }),
  });
  const cacheDir = folder.path;
  const ask = async (change: Partial<typeof REQUEST>, options: Partial<LlmClientOptions> = {}) => {
    const client = open({ ...options, baseUrl: server.url, cacheDir });
    const answer = await client.complete({ ...REQUEST, ...change });
    return [answer.status === "ok" ? answer.value.word : answer.status, answer.cached] as const;
  };
  expect(await ask({})).toEqual(["w0", false]);
  expect(await ask({})).toEqual(["w0", true]);
  const other = z.strictObject({ word: z.string().max(99), number: z.int().min(0).max(9).nullable() });
  const changes = [
    { repeat: 1 },
    { repeat: 2 },
    { system: "Other." },
    { prompt: "Other?" },
    { promptVersion: "word/2" },
    { maxTokens: 5 },
    { temperature: 1 },
    { schema: other },
  ];
  for (const [index, change] of changes.entries()) {
    expect(await ask(change), JSON.stringify(change)).toEqual([`w${index + 1}`, false]);
    expect(await ask(change), JSON.stringify(change)).toEqual([`w${index + 1}`, true]);
  }
  expect(await ask({}, { model: "n" })).toEqual(["w9", false]);
  expect(await ask({}, { structured: "json" })).toEqual(["w10", false]);
  expect(await ask({ fresh: true })).toEqual(["w11", false]);
  expect(await ask({})).toEqual(["w11", true]);
  expect(server.seen).toHaveLength(12);
});

test("no failure is kept, and a damaged file is asked for again", async () => {
  await using folder = await temporaryFolder();
  const replies = [
    { text: "no JSON" },
    { text: "", refusal: "no" },
    { text: "" },
    { text: GOOD },
    { text: GOOD },
  ];
  await using server = await startLlmServer({ answer: (_, index) => replies[index] ?? "" });
  const client = open({ baseUrl: server.url, cacheDir: folder.path });
  const statuses: string[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await client.complete(REQUEST)).status);
  expect(statuses).toEqual(["unparsable", "refused", "empty", "ok"]);
  const files = await readdir(folder.path, { recursive: true });
  const [kept, ...more] = files.filter((name) => name.endsWith(".json"));
  expect(more).toEqual([]);
  const file = path.join(folder.path, kept ?? "");
  await writeFile(file, (await readFile(file, "utf8")).slice(0, 9));
  expect(await client.complete(REQUEST)).toMatchObject({ status: "ok", cached: false });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "ok", cached: true, costUsd: 0 });
});

test("a raised signal ends a request in the queue, in its wait and on its way", async () => {
  await using server = await startLlmServer({ answer: good });
  await using proxy = await startFaultProxy({ target: server.url });
  proxy.always = { kind: "slow", ms: 60_000 };
  const stop = new AbortController();
  const client = open({ baseUrl: proxy.url, concurrency: 1 });
  const underWay = client.complete({ ...REQUEST, signal: stop.signal });
  const queued = client.complete({ ...REQUEST, repeat: 1, signal: stop.signal });
  const both = Promise.allSettled([underWay, queued]);
  stop.abort();
  for (const result of await both) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "ABORTED" } });
  }
  proxy.always = serverError(503);
  const waiting = new AbortController();
  const sleep = async (_: number, signal?: AbortSignal) => {
    waiting.abort();
    signal?.throwIfAborted();
  };
  const slow = open({ baseUrl: proxy.url, sleep });
  await expect(slow.complete({ ...REQUEST, signal: waiting.signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
});

test("no more requests are under way than allowed", async () => {
  await using server = await startLlmServer({
    answer: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return GOOD;
    },
  });
  const client = open({ baseUrl: server.url, concurrency: 3 });
  await Promise.all(Array.from({ length: 20 }, (_, repeat) => client.complete({ ...REQUEST, repeat })));
  expect(server.seen).toHaveLength(20);
  expect(server.most()).toBeLessThanOrEqual(3);
});

test("cost is what the server says, else the price times the tokens, else unknown and counted so", async () => {
  const usage = { input: 1000, output: 200 };
  await using server = await startLlmServer({ answer: () => ({ text: GOOD, usage }) });
  const haiku = open({ baseUrl: server.url, provider: "anthropic", model: "haiku-4.5" });
  expect(haiku.estimate({ inputTokens: 1000, outputTokens: 200 })).toBeCloseTo(0.002, 12);
  await haiku.complete(REQUEST);
  await haiku.complete(REQUEST);
  const spent = haiku.spent();
  expect(spent).toMatchObject({ calls: 2, inputTokens: 2000, outputTokens: 400, unpricedCalls: 0 });
  expect(spent.costUsd).toBeCloseTo(0.004, 12);
  const own = open({ baseUrl: server.url, price: { input: 10, output: 0 } });
  expect((await own.complete(REQUEST)).costUsd).toBeCloseTo(0.01, 12);
  const unknown = open({ baseUrl: server.url });
  expect((await unknown.complete(REQUEST)).costUsd).toBeNull();
  expect(unknown.spent()).toMatchObject({ costUsd: 0, unpricedCalls: 1 });
  await using router = await startLlmServer({ answer: () => ({ text: GOOD, cost: 0.5 }) });
  const routed = open({ baseUrl: router.url, provider: "openrouter", model: "gpt-5-mini" });
  expect((await routed.complete(REQUEST)).costUsd).toBe(0.5);
});

test("a missing key is told before anything is sent, and a local server needs none", async () => {
  const cacheDir = null;
  expect(() => openLlmClient({ provider: "anthropic", model: "haiku-4.5", apiKey: null, cacheDir })).toThrow(
    expect.objectContaining({ code: "LLM_ACCESS" }),
  );
  await using server = await startLlmServer({ answer: good });
  const client = openLlmClient({
    provider: "compatible",
    model: "m",
    apiKey: null,
    baseUrl: server.url,
    cacheDir,
  });
  expect(await client.complete(REQUEST)).toMatchObject({ status: "ok" });
  expect(server.seen[0]?.headers.authorization).toBeUndefined();
});

test.each(["ftp://x/v1", "nonsense", "https://user:secret@host/v1", "https://host/v1?key=1"])(
  "%s is no server address",
  (baseUrl) => {
    expect(() => open({ baseUrl })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  },
);

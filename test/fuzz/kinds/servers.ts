/** Requests to the two servers: `serve --openai` over a small whole model, and the viewer over a folder of runs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openLlamaEngine } from "../../../src/engine/llama/engine.ts";
import { openAiApp } from "../../../src/server/openai/app.ts";
import { problemSchema } from "../../../src/server/viewer/api/common.ts";
import { runListSchema } from "../../../src/server/viewer/api/runs.ts";
import { TOKEN_HEADER } from "../../../src/server/viewer/api/session.ts";
import type { Draw } from "../../support/mutate.ts";
import { makeReportRun } from "../../support/report-run.ts";
import { FAMILIES, tinyModel } from "../../support/tiny-model.ts";
import { rawRequest, testViewer } from "../../support/viewer.ts";
import type { Kind, Verdict } from "../kind.ts";
import { mutateText } from "../mutate-text.ts";
import { mutateJson, mutateValue, type Value } from "../mutate-value.ts";
import { holds, same } from "../same.ts";

const CHATS: Value[] = [
  { model: "tiny", messages: [{ role: "user", content: "hello" }], max_tokens: 3, temperature: 0, seed: 1 },
  {
    model: "tiny",
    messages: [
      { role: "system", content: "be brief" },
      { role: "user", content: [{ type: "text", text: "hi" }] },
    ],
    max_completion_tokens: 2,
    n: 2,
    stop: ["\n"],
    top_p: 0.9,
    top_k: 5,
    min_p: 0.01,
    repetition_penalty: 1.1,
    user: "me",
  },
  {
    model: "tiny",
    messages: [{ role: "user", content: "json" }],
    max_tokens: 4,
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "a",
        schema: {
          type: "object",
          properties: { a: { type: "integer" } },
          required: ["a"],
          additionalProperties: false,
        },
      },
    },
  },
  {
    model: "tiny",
    messages: [{ role: "user", content: "hello" }],
    max_tokens: 2,
    stream: true,
    stream_options: { include_usage: true },
  },
];

const openAiError = z.object({
  error: z.object({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
const answer = z.object({
  choices: z
    .array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() }))
    .min(1),
  usage: z.object({ completion_tokens: z.int().min(0) }),
});

export const chatRequests: Kind = {
  name: "chat-request",
  input: "requests to `serve --openai`",
  right: "the answer is whole, in OpenAI's form; no refusal is the server's own fault (5xx)",
  codes: /^4\d\d/,
  open: async (folder) => {
    const [family] = Object.values(FAMILIES);
    if (family === undefined) throw new Error("there is no family");
    const model = join(folder, "model.gguf");
    writeFileSync(model, tinyModel(family));
    const engine = await openLlamaEngine({
      model,
      workers: 1,
      threads: 1,
      slots: 4,
      contextPerSlot: 64,
      cacheDir: folder,
    });
    const app = openAiApp({
      engine,
      model: "tiny",
      sae: null,
      hostNames: [],
      maxBody: 2 ** 20,
      maxAnswers: 8,
      signal: new AbortController().signal,
      isClosing: () => false,
      now: () => 0,
      random: () => 0.5,
      newId: () => "id",
    });
    const ask = async (body: string, headers: Record<string, string>): Promise<Verdict> => {
      const response = await app.request("/v1/chat/completions", { method: "POST", body, headers });
      const text = await response.text();
      holds(response.status < 500, `it is not the server's own fault: ${text.slice(0, 300)}`);
      if (response.status >= 400) {
        const { error } = openAiError.parse(JSON.parse(text));
        return `${response.status} ${error.code ?? error.type}`;
      }
      if (headers["content-type"] === undefined || text.startsWith("data:")) {
        holds(text.includes("data: [DONE]"), "the stream ends");
        holds(!/"server_error"/.test(text), "the stream holds no fault of the server");
      } else answer.parse(JSON.parse(text));
      return null;
    };
    const json = { "content-type": "application/json", host: "127.0.0.1" };
    return {
      wholes: CHATS.length,
      read: ({ whole, draw }) => {
        const value = CHATS[whole] ?? null;
        if (draw === null) return ask(JSON.stringify(value), json);
        const how = draw(10);
        if (how === 0)
          return ask(JSON.stringify(value), {
            ...json,
            "content-type": mutateText("application/json", draw).replace(/[^\x20-\x7e]/g, ""),
          });
        if (how === 1) return ask(mutateText(JSON.stringify(value), draw), json);
        return ask(
          how === 2 ? mutateJson(JSON.stringify(value), draw) : JSON.stringify(mutateValue(value, draw)),
          json,
        );
      },
      close: () => engine.close(),
    };
  },
};

const PLAYGROUND: Value = {
  prompt: "Explain tides.",
  steering: { by: { kind: "latent", latent: 3 }, strength: 100, positions: "all" },
  ablate: [1, 2],
  metaPrompt: null,
  adapter: null,
  seed: 1,
  temperature: 0.5,
  maxTokens: 8,
};

interface Ask {
  method: string;
  path: string;
  body?: string;
}

/** Addresses and bodies as the app sends them; `run` and `trial` stand for real ones. */
function requestsFor(run: string): Ask[] {
  return [
    { method: "GET", path: "/api/runs" },
    { method: "GET", path: "/api/session" },
    {
      method: "GET",
      path: `/api/runs/${run}?arm=steered&latent=3&outcome=multi-attempt&search=bees&judge=likelihood%2F1`,
    },
    { method: "GET", path: `/api/runs/${run}/choices` },
    { method: "GET", path: `/api/runs/${run}/trials?offset=0&limit=20&sort=key` },
    { method: "GET", path: `/api/runs/${run}/latents` },
    { method: "GET", path: `/api/compare?runs=${run}` },
    { method: "GET", path: "/api/playground" },
    { method: "GET", path: "/index.html" },
    { method: "POST", path: "/api/playground/save", body: JSON.stringify({ answers: ["a"], name: "mine" }) },
    { method: "POST", path: "/api/playground/answer", body: JSON.stringify(PLAYGROUND) },
  ];
}

function damaged({ method, path, body }: Ask, draw: Draw): Ask {
  const changedBody =
    body === undefined || draw(3) === 0
      ? body
      : draw(3) === 0
        ? mutateJson(body, draw)
        : JSON.stringify(mutateValue(JSON.parse(body) as Value, draw));
  const isHit = body === undefined || changedBody === body;
  // a client's library escapes what no request line may hold
  const address = isHit
    ? mutateText(path, draw)
        .slice(0, 4000)
        .replace(/[^\x21-\x7e]/g, (each) => encodeURIComponent(each.toWellFormed()))
    : path;
  return {
    method: draw(8) === 0 ? (["PUT", "DELETE", "PATCH", "OPTIONS"][draw(4)] ?? "PUT") : method,
    path: address.startsWith("/") ? address : `/${address}`,
    ...(changedBody === undefined ? {} : { body: changedBody.slice(0, 2 ** 19) }),
  };
}

export const viewerRequests: Kind = {
  name: "viewer-request",
  input: "requests to the viewer's interface",
  right: "the answer is JSON, or a page of the app; no refusal is the server's own fault",
  codes: /^[A-Z_]+$/,
  open: async (folder) => {
    const viewer = await testViewer({
      fill: (runs) => makeReportRun({ dir: join(runs, "one") }).close(),
      // a model that is not there and that nobody fetches
      playground: { machine: { cacheDir: folder }, settings: { model: join(folder, "none.gguf") } },
    });
    const { server } = viewer;
    const list = runListSchema.parse(JSON.parse((await rawRequest({ server, path: "/api/runs" })).body));
    const asks = requestsFor(list.runs[0]?.id ?? "");
    const headers = {
      [TOKEN_HEADER]: server.token,
      "Content-Type": "application/json",
      Origin: server.url,
      "Sec-Fetch-Site": "same-origin",
    };
    const ask = async (given: Ask): Promise<Verdict> => {
      const { status, body, headers: got } = await rawRequest({ server, headers, ...given });
      const type = String(got["content-type"] ?? "");
      if (status >= 400 && type.includes("json")) {
        const { code } = problemSchema.parse(JSON.parse(body));
        holds(code !== "UNEXPECTED", `what it says of the request was foreseen: ${body.slice(0, 300)}`);
        return code;
      }
      // node's own refusal of what is no HTTP
      if (status === 400 && body === "") return "NO_HTTP";
      holds(status < 400, `status ${status} has a reason: ${body.slice(0, 200)}`);
      if (type.includes("json")) JSON.parse(body);
      return null;
    };
    return {
      wholes: 1,
      read: async ({ draw }) => {
        if (draw === null) {
          same(await ask(asks[0] ?? { method: "GET", path: "/" }), null);
          return null;
        }
        return await ask(damaged(asks[draw(asks.length)] ?? { method: "GET", path: "/" }, draw));
      },
      close: async () => await viewer[Symbol.asyncDispose](),
    };
  },
};

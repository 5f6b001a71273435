/** A vLLM server with countersteer-vllm as a client meets it: over HTTP, with delays and faults, and it can be killed and started again. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { json as readJson } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { ServedSae, ServerHealth } from "../../../src/engine/vllm/protocol.ts";
import { D_MODEL, LAYERS, VOCABULARY } from "./toy-model.ts";
import { type ToyAnswer, type ToyState, toyAnswer } from "./toy-routes.ts";

/** What happens to one request. */
export type ToyFault =
  | { kind: "status"; status: number; headers?: Record<string, string> }
  /** The connection goes away before an answer, or in its middle. */
  | { kind: "drop" }
  | { kind: "half" }
  /** Never answered. */
  | { kind: "hang" }
  /** An answer without the plug-in's field. */
  | { kind: "plain" };

export interface ToyServerOptions {
  health?: HealthPatch;
  saes?: ServedSae[];
  /** Wanted as `Authorization: Bearer`. */
  apiKey?: string;
  /** Milliseconds until a completion is answered. */
  latency?: (() => number) | undefined;
  /** Null for none. Asked for each request but those of the handshake. */
  fault?: ((call: { route: string; index: number; body: unknown }) => ToyFault | null) | undefined;
  /** Routes of the plug-in are missing. */
  isPlain?: boolean;
}

export type HealthPatch = Partial<Omit<ServerHealth, "model" | "engine">> & {
  model?: Partial<ServerHealth["model"]>;
  engine?: Partial<ServerHealth["engine"]>;
};

export function toyHealth({ model, engine, ...rest }: HealthPatch = {}): ServerHealth {
  return {
    protocol: 1,
    plugin: "0.1.0",
    vllm: "0.32.0",
    refusal: null,
    saes: [],
    adapters: [],
    build: { torch: "2.13.0" },
    ...rest,
    model: {
      served: ["toy"],
      path: "/models/toy",
      hash: "a".repeat(64),
      architecture: "llama",
      block: "LlamaDecoderLayer",
      layers: LAYERS,
      dModel: D_MODEL,
      vocabulary: VOCABULARY,
      maxModelLen: 512,
      dtype: "float32",
      quantization: null,
      weightType: "float32",
      cacheType: "float32",
      addsBos: false,
      bosText: "",
      eosText: "",
      chatTemplate: "{% for m in messages %}{{ m.content }}\n{% endfor %}",
      ...model,
    },
    engine: {
      device: "cpu",
      tensorParallel: 1,
      pipelineParallel: 1,
      dataParallel: 1,
      maxSequences: 16,
      maxBatchedTokens: 2048,
      chunkedPrefill: true,
      prefixCaching: true,
      eager: true,
      asyncScheduling: false,
      ...engine,
    },
  };
}

export interface SeenRequest {
  route: string;
  body: unknown;
}

export class ToyServer implements AsyncDisposable {
  readonly state: ToyState;
  readonly options: ToyServerOptions;
  /** Requests besides those of the handshake, in the order in which they came. */
  readonly seen: SeenRequest[] = [];
  /** Completions that were answered whole. */
  answered = 0;
  /** Requests under way now, and the most there ever were. */
  open = 0;
  most = 0;
  #port = 0;
  #lives = 0;
  #server: Server | null = null;

  constructor(options: ToyServerOptions) {
    this.options = options;
    const saes = options.saes ?? [];
    this.state = {
      health: toyHealth({ saes: saes.map((sae) => ({ ...sae, hash: null })), ...options.health }),
      saes,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the port that it had before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    this.#port = address.port;
    this.state.health = { ...this.state.health, instance: `life ${++this.#lives}` };
    this.#server = server;
  }

  /** As kill -9 does: connections break off. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = request.url ?? "/";
    const method = request.method ?? "GET";
    const { apiKey, isPlain, fault, latency } = this.options;
    const body: unknown = method === "POST" ? await readJson(request) : null;
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      return write(response, { kind: "json", status: 401, body: { error: "Unauthorized" } });
    }
    const isAsked = method === "POST";
    const index = isAsked ? this.seen.push({ route, body }) - 1 : -1;
    const broken = isAsked ? (fault?.({ route, index, body }) ?? null) : null;
    this.open++;
    this.most = Math.max(this.most, this.open);
    try {
      if (route.startsWith("/v1/") && latency !== undefined) {
        await delay(latency(), undefined, { signal: closed(response) });
      }
      const answer =
        isPlain === true && route.startsWith("/countersteer/")
          ? null
          : toyAnswer({ method, route, body, state: this.state });
      await this.#reply(response, answer, broken);
      if (route.startsWith("/v1/") && broken === null) this.answered++;
    } finally {
      this.open--;
    }
  }

  async #reply(response: ServerResponse, answer: ToyAnswer | null, fault: ToyFault | null): Promise<void> {
    if (fault?.kind === "hang") {
      await delay(2 ** 30, undefined, { signal: closed(response), ref: false });
    } else if (fault?.kind === "drop") {
      response.destroy();
    } else if (fault?.kind === "status") {
      const { status, headers = {} } = fault;
      response
        .writeHead(status, headers)
        .end(JSON.stringify({ error: { message: "no", type: "x", code: status } }));
    } else if (answer === null) {
      write(response, { kind: "json", status: 404, body: { detail: "Not Found" } });
    } else if (fault?.kind === "half") {
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write('{"choices":', () => setTimeout(() => response.destroy(), 5));
    } else {
      write(response, fault?.kind === "plain" ? without(answer) : answer);
    }
  }
}

function closed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function write(response: ServerResponse, answer: ToyAnswer): void {
  if (answer.kind === "events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of answer.events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end("data: [DONE]\n\n");
    return;
  }
  const text = JSON.stringify(answer.body);
  response
    .writeHead(answer.status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    })
    .end(text);
}

/** As a server answers whose plug-in is gone. */
function without(answer: ToyAnswer): ToyAnswer {
  if (answer.kind === "events") return answer;
  return { ...answer, body: { choices: [{ text: "unsteered" }], countersteer: undefined } };
}

export async function startToyServer(options: ToyServerOptions = {}): Promise<ToyServer> {
  const server = new ToyServer(options);
  await server.start();
  return server;
}

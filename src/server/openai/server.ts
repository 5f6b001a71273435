/** Starts and ends the OpenAI-compatible server. */
import path from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { startHttpServer } from "../http-server.ts";
import { openAiApp } from "./app.ts";
import type { ServedSae } from "./intervention-extension.ts";

export interface OpenAiServerOptions {
  /** Stays the caller's: closing the server leaves it open. */
  engine: Engine;
  /** 0 takes a free one. @default 0 */
  port?: number;
  /** @default "127.0.0.1" */
  host?: string;
  /** The name under which clients ask for the model. @default the weights file's name without its ending */
  model?: string;
  /** Latents that requests may steer with. */
  sae?: ServedSae;
  /** Host names that are let in besides addresses and `localhost`. */
  hostNames?: readonly string[];
  /** Bytes of a request. @default 4 MiB */
  maxBody?: number;
  /** Answers that may run or wait; beyond it requests get 429. @default four times what the engine decodes together */
  maxAnswers?: number;
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number;
  /** In [0, 1), for seeds that a request does not give. @default Math.random */
  random?: () => number;
  /** @default crypto.randomUUID */
  newId?: () => string;
}

export interface OpenAiServer {
  /** What clients call the base URL, ending in `/v1`. */
  url: string;
  port: number;
  model: string;
  /** Takes no more requests, waits for those that run, and ends what still runs after `graceMs`. @default 5000 */
  close: (options?: { graceMs?: number }) => Promise<void>;
}

/** Throws CONFIG_INVALID where the address can't be listened on. */
export async function startOpenAiServer({
  engine,
  port = 0,
  host = "127.0.0.1",
  model = path.basename(engine.info.path).replace(/\.gguf$/i, ""),
  sae,
  hostNames = [],
  maxBody = 4 * 2 ** 20,
  maxAnswers = 4 * Number(engine.build.slots) * Number(engine.build.workers),
  now = Date.now,
  random = Math.random,
  newId = () => crypto.randomUUID(),
}: OpenAiServerOptions): Promise<OpenAiServer> {
  const end = new AbortController();
  let closing = false;
  const app = openAiApp({
    engine,
    model,
    sae: sae ?? null,
    hostNames: [host, ...hostNames],
    maxBody,
    maxAnswers,
    signal: end.signal,
    isClosing: () => closing,
    now,
    random,
    newId,
  });
  const server = await startHttpServer({
    fetch: app.fetch,
    port,
    host,
    onClosing: () => {
      closing = true;
    },
    onEnd: () => end.abort(),
  });
  return {
    url: `${server.url}/v1`,
    port: server.port,
    model,
    close: ({ graceMs = 5000 } = {}) => server.close({ graceMs }),
  };
}

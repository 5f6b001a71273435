/** Starts and ends the OpenAI-compatible server. */
import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import path from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError, messageOf } from "../../errors.ts";
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

/** For sending why an answer ended early. */
const LAST_WORDS_MS = 1000;

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
  // no HTTP/2 options are given, so this is node:http's server
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  let responses = 0;
  // connections that are kept open for requests to come would hold up the end
  const closeUnused = () => {
    if (closing && responses === 0) {
      server.closeAllConnections();
    }
  };
  server.on("request", (_, response: ServerResponse) => {
    responses++;
    response.once("close", () => {
      responses--;
      setImmediate(closeUnused);
    });
  });
  await listen({ server, port, host });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}/v1`,
    port: bound,
    model,
    close: async ({ graceMs = 5000 } = {}) => {
      closing = true;
      const closed = once(server, "close");
      server.close();
      closeUnused();
      const timers = [
        setTimeout(() => end.abort(), graceMs),
        // whoever does not read even the end of its answer is cut off
        setTimeout(() => server.closeAllConnections(), graceMs + LAST_WORDS_MS),
      ];
      await closed;
      timers.forEach(clearTimeout);
    },
  };
}

async function listen({ server, port, host }: { server: Server; port: number; host: string }): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `The server can't listen on ${host}:${port}.`,
      why: `${messageOf(cause)}.`,
      todo: "Give another --port (0 takes a free one) or --host.",
      facts: { host, port },
      cause,
    });
  }
}

/** A listening socket around an HTTP application, and its orderly end. */
import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { CountersteerError, messageOf } from "../errors.ts";

export interface HttpServerOptions {
  fetch: Parameters<typeof createAdaptorServer>[0]["fetch"];
  /** 0 takes a free one. */
  port: number;
  host: string;
  /** Called when the end begins: from then on the application should take no more requests. */
  onClosing: () => void;
  /** Called when the time for requests that still run is over. */
  onEnd: () => void;
}

export interface HttpServer {
  /** `http://HOST:PORT` */
  url: string;
  port: number;
  /** Takes no more connections, waits for the requests that run, and ends what still runs after `graceMs`. */
  close: (options: { graceMs: number }) => Promise<void>;
}

/** For sending why an answer ended early. */
const LAST_WORDS_MS = 1000;

/** Throws CONFIG_INVALID where the address can't be listened on. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { fetch, port, host, onClosing, onEnd } = options;
  // no HTTP/2 options are given, so this is node:http's server
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  let responses = 0;
  let closing = false;
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
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: async ({ graceMs }) => {
      closing = true;
      onClosing();
      const closed = once(server, "close");
      server.close();
      closeUnused();
      const timers = [
        setTimeout(onEnd, graceMs),
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

/** Stands between a client and any HTTP server: passes requests through, or does to them what a script says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** What happens to one request. */
export type Fault =
  | { kind: "pass" }
  /** The server is not asked. */
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: unknown }
  /** The answer's body ends in its middle, and says that this is all. */
  | { kind: "truncate" }
  /** The connection is destroyed in the middle of the answer's body. */
  | { kind: "drop" }
  /** The answer is whole and comes late. */
  | { kind: "slow"; ms: number }
  /** The answer's message says this instead. */
  | { kind: "replace"; content: string };

export const tooMany = (retryAfter: string): Fault => ({
  kind: "status",
  status: 429,
  headers: { "retry-after": retryAfter },
  body: { error: { message: "slow down", type: "rate_limit_error" } },
});
export const serverError = (status = 500): Fault => ({
  kind: "status",
  status,
  body: { error: { message: "something broke", type: "api_error" } },
});

export interface FaultProxy extends AsyncDisposable {
  /** The target's base URL, through the proxy. */
  url: string;
  /** Requests that came in. */
  requests: () => number;
  /** Faults for the next requests, after which all pass. */
  script: Fault[];
  /** Done to every request that the script has no fault for. */
  always: Fault;
}

/** `target` is a base URL with a path, for example `http://127.0.0.1:8080/v1`. */
export async function startFaultProxy({
  target,
  script = [],
  port = 0,
}: {
  target: string;
  script?: Fault[];
  /** @default any free port */
  port?: number;
}): Promise<FaultProxy> {
  const base = new URL(target);
  let requests = 0;
  const proxy: Pick<FaultProxy, "script" | "always"> = { script: [...script], always: { kind: "pass" } };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    requests++;
    const fault = proxy.script.shift() ?? proxy.always;
    const sent = await buffer(request);
    if (fault.kind === "status") {
      const { status, headers = {}, body = { error: { message: "no" } } } = fault;
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(body));
      return;
    }
    const answer = await fetch(new URL(request.url ?? "/", base), {
      method: request.method ?? "GET",
      headers: headersOf(request),
      ...(sent.length > 0 ? { body: new Uint8Array(sent) } : {}),
    });
    const type = answer.headers.get("content-type") ?? "application/json";
    const got = Buffer.from(await answer.arrayBuffer());
    const body = fault.kind === "replace" ? withContent(got, fault.content) : got;
    if (fault.kind === "slow") await delay(fault.ms, undefined, { ref: false });
    const half = body.subarray(0, Math.floor(body.length / 2));
    if (fault.kind === "truncate") {
      response.writeHead(answer.status, { "content-type": type, "content-length": half.length }).end(half);
    } else if (fault.kind === "drop") {
      response.writeHead(answer.status, { "content-type": type, "content-length": body.length });
      // the bytes must have left before the connection goes, or the client would see none of them
      response.write(half, () => setTimeout(() => response.destroy(), 20));
    } else {
      response.writeHead(answer.status, { "content-type": type, "content-length": body.length }).end(body);
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${address.port}${base.pathname}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

const OF_THE_CONNECTION = new Set([
  "host",
  "connection",
  "content-length",
  "accept-encoding",
  "transfer-encoding",
]);

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === "string" && !OF_THE_CONNECTION.has(name) ? [[name, value]] : [],
    ),
  );
}

/** A chat completion whose first message says something else. */
function withContent(body: Buffer, content: string): Buffer {
  const parsed: { choices?: { message: { content: string } }[] } = JSON.parse(body.toString("utf8"));
  const [choice] = parsed.choices ?? [];
  if (choice === undefined) throw new Error("only an answer with a message can say something else");
  choice.message.content = content;
  return Buffer.from(JSON.stringify(parsed));
}

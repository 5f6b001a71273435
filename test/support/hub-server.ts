/** A server on 127.0.0.1 that behaves like the hub: it redirects `resolve` to a second origin, which serves byte ranges. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** How the file server treats one request; after the script is used up it serves whole ranges. */
export type Turn =
  | { kind: "serve" }
  /** Sends this many bytes of the range and destroys the connection. */
  | { kind: "cut"; after: number }
  /** Sends this many bytes and then nothing more. */
  | { kind: "stall"; after: number }
  | { kind: "ignore-range" }
  | { kind: "status"; status: number; headers?: Record<string, string> };

export interface SeenRequest {
  host: "hub" | "files";
  method: string;
  url: string;
  range: string | null;
  authorization: string | null;
}

export interface HubServer extends AsyncDisposable {
  url: string;
  seen: SeenRequest[];
}

const PIECE = 4096;

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

function sendRange(request: IncomingMessage, response: ServerResponse, content: Buffer, turn: Turn): void {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const start = match === null || turn.kind === "ignore-range" ? 0 : Number(match[1]);
  if (start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const partial = match !== null && turn.kind !== "ignore-range";
  const headers = { "content-length": String(content.length - start) };
  const range = { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(partial ? 206 : 200, partial ? { ...headers, ...range } : headers);
  if (turn.kind === "cut" || turn.kind === "stall") {
    const head = content.subarray(start, start + turn.after);
    // The connection may only be destroyed once the bytes have left, or the client would see none of them.
    response.write(head, () => setTimeout(() => turn.kind === "cut" && response.destroy(), 20));
    return;
  }
  for (let at = start; at < content.length; at += PIECE) response.write(content.subarray(at, at + PIECE));
  response.end();
}

/**
 * `file` is served at `/<repo>/resolve/<revision>/<name>`; `script` is used up one turn a request by the file server; `hubStatus` is
 * answered by the hub itself in place of the redirect. The LFS record holds the real hash.
 */
export async function startHub({
  path,
  content,
  script = [],
  hubStatus,
}: {
  path: string;
  content: Buffer;
  script?: Turn[];
  hubStatus?: number;
}): Promise<HubServer> {
  const seen: SeenRequest[] = [];
  const turns = [...script];
  const note = (host: "hub" | "files", request: IncomingMessage) => {
    const { method = "", url = "", headers } = request;
    seen.push({
      host,
      method,
      url,
      range: headers.range ?? null,
      authorization: headers.authorization ?? null,
    });
  };
  const files = await listen((request, response) => {
    note("files", request);
    const turn = turns.shift() ?? { kind: "serve" };
    if (turn.kind === "status") response.writeHead(turn.status, turn.headers ?? {}).end("no");
    else sendRange(request, response, content, turn);
  });
  const hub = await listen((request, response) => {
    note("hub", request);
    if (hubStatus !== undefined) {
      response.writeHead(hubStatus).end("no");
    } else if (request.method === "POST") {
      const oid = createHash("sha256").update(content).digest("hex");
      const record = {
        path,
        type: "file",
        size: content.length,
        lfs: { oid, size: content.length, pointerSize: 134 },
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify([record]));
    } else if (request.url === path) {
      response.writeHead(302, { location: `${addressOf(files)}/blob` }).end();
    } else {
      response.writeHead(404).end();
    }
  });
  const stop = async (server: Server) => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: addressOf(hub),
    seen,
    [Symbol.asyncDispose]: async () => {
      await stop(hub);
      await stop(files);
    },
  };
}

/** An address on which nothing listens. */
export async function closedAddress(): Promise<string> {
  const server = await listen(() => {});
  const address = addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

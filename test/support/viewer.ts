/** A viewer that listens on a socket of this machine, over a folder of made-up runs and with a made-up app. */
import { mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { startViewer, type ViewerOptions, type ViewerServer } from "../../src/server/viewer/server.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

export const INDEX = "<!doctype html><title>app</title>";
export const SCRIPT = "console.log(1);";

export interface TestViewer extends AsyncDisposable {
  server: ViewerServer;
  /** The folder that is shown. */
  runs: string;
  /** Its parent, which is not shown. */
  outside: string;
}

/** `fill` makes the runs. The playground has a model that is not there. */
export async function testViewer({
  fill = () => {},
  ...options
}: { fill?: (runs: string) => void } & Partial<ViewerOptions> = {}): Promise<TestViewer> {
  const folder: TemporaryFolder = await temporaryFolder();
  const runs = path.join(folder.path, "runs");
  const appFolder = path.join(folder.path, "app");
  mkdirSync(runs);
  mkdirSync(path.join(appFolder, "assets"), { recursive: true });
  writeFileSync(path.join(appFolder, "index.html"), INDEX);
  writeFileSync(path.join(appFolder, "assets", "index-abc.js"), SCRIPT);
  fill(runs);
  const server = await startViewer({
    folder: runs,
    version: "0.0.0",
    appFolder,
    playground: { machine: { cacheDir: path.join(folder.path, "cache") } },
    shipped: () => new Map(),
    liveEveryMs: 20,
    warm: false,
    ...options,
  });
  return {
    server,
    runs,
    outside: folder.path,
    [Symbol.asyncDispose]: async () => {
      await server.close({ graceMs: 100 });
      await folder[Symbol.asyncDispose]();
    },
  };
}

export interface RawAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A request whose path and headers go over the wire as they are given. */
export async function rawRequest({
  server,
  path: address,
  method = "GET",
  headers = {},
  body,
}: {
  server: Pick<ViewerServer, "port">;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const request = http.request(
    {
      host: "127.0.0.1",
      port: server.port,
      path: address,
      method,
      headers: { ...framing({ headers, body }), ...headers },
      agent: false,
    },
    (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    },
  );
  request.on("error", reject);
  request.end(body);
  return await promise;
}

/** Node does not say by itself how long the body of every method is. */
function framing({
  headers,
  body,
}: {
  headers: Record<string, string>;
  body: string | undefined;
}): Record<string, string> {
  const isFramed = "Content-Length" in headers || "Transfer-Encoding" in headers;
  return body === undefined || isFramed ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
}

/** A live answer; `next` gives the data of the next event that says something. */
export async function openStream({
  server,
  path: address,
}: {
  server: Pick<ViewerServer, "port">;
  path: string;
}): Promise<{ status: number; next: () => Promise<{ event: string; data: unknown }>; close: () => void }> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const request = http.get({ host: "127.0.0.1", port: server.port, path: address, agent: false }, resolve);
  request.on("error", reject);
  const response = await promise;
  // cut off from here or from there, a stream that ends is no failure of the test
  request.removeAllListeners("error").on("error", () => {});
  response.on("error", () => {});
  response.setEncoding("utf8");
  let text = "";
  const next = async (): Promise<{ event: string; data: unknown }> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field("data");
        if (data !== undefined) return { event: field("event") ?? "", data: JSON.parse(data) };
        continue;
      }
      const part: unknown = response.read();
      if (part !== null) text += String(part);
      else await new Promise((go) => response.once("readable", go));
    }
  };
  return { status: response.statusCode ?? 0, next, close: () => request.destroy() };
}

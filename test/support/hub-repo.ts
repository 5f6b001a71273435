/** A repository on a server on 127.0.0.1 that behaves like the hub: folder listings, LFS and git hashes, redirects, byte ranges, gated files. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface HubRepo extends AsyncDisposable {
  url: string;
  /** `METHOD path` of every request, in order. */
  seen: string[];
}

export interface HubRepoOptions {
  repo: string;
  /** Content by path. A name that ends in `.json` is kept in git, everything else in LFS. */
  files: Record<string, Buffer>;
  /** Answers of this status come first, one a request. */
  failures?: { status: number; headers?: Record<string, string> }[];
  /** What the listing says a file's hash is, if that is not its real hash. */
  wrongHash?: string;
}

function recordOf({ path, content, wrongHash }: { path: string; content: Buffer; wrongHash?: string }) {
  const blob = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  const entry = { type: "file", path, size: content.length, oid: wrongHash?.slice(0, 40) ?? blob };
  if (path.endsWith(".json")) return entry;
  const oid = wrongHash ?? createHash("sha256").update(content).digest("hex");
  return { ...entry, lfs: { oid, size: content.length, pointerSize: 134 } };
}

export async function startHubRepo(options: HubRepoOptions): Promise<HubRepo> {
  const { repo, files, wrongHash } = options;
  const failures = [...(options.failures ?? [])];
  const seen: string[] = [];

  function list(folder: string, response: ServerResponse): void {
    const prefix = folder === "" ? "" : `${folder}/`;
    const inside = Object.keys(files).filter((path) => path.startsWith(prefix));
    if (inside.length === 0) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
      return;
    }
    const folders = new Set<string>();
    const entries: object[] = [];
    for (const path of inside) {
      const rest = path.slice(prefix.length);
      const slash = rest.indexOf("/");
      if (slash >= 0) folders.add(prefix + rest.slice(0, slash));
      else
        entries.push(
          recordOf({ path, content: files[path] ?? Buffer.alloc(0), ...(wrongHash ? { wrongHash } : {}) }),
        );
    }
    for (const path of folders) entries.push({ type: "directory", path, size: 0, oid: "0".repeat(40) });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(entries));
  }

  function send(content: Buffer | undefined, request: IncomingMessage, response: ServerResponse): void {
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
    const headers = { "content-length": String(content.length - start), ...(start > 0 ? range : {}) };
    response.writeHead(start > 0 ? 206 : 200, headers).end(content.subarray(start));
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
    seen.push(`${request.method} ${path}`);
    const failure = failures.shift();
    const tree = `/api/models/${repo}/tree/main`;
    const resolve = `/${repo}/resolve/main/`;
    if (failure !== undefined) response.writeHead(failure.status, failure.headers ?? {}).end("no");
    else if (path.startsWith(tree)) list(path.slice(tree.length).replace(/^\//, ""), response);
    else if (path.startsWith(resolve))
      response.writeHead(302, { location: `/files/${encodeURIComponent(path.slice(resolve.length))}` }).end();
    else if (path.startsWith("/files/")) send(files[path.slice("/files/".length)], request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** HTTP as the engine needs it: thousands of answers that may each take minutes, with connections kept open between them. */
import http from "node:http";
import https from "node:https";

export interface HttpRequest {
  url: string;
  method: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  /** JSON. */
  body?: string;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** By lower-case name. */
  header: (name: string) => string | undefined;
  /** The body as it comes. Breaking off closes the connection. */
  chunks: AsyncIterable<Uint8Array>;
}

/** Rejects where no answer begins: the connection was refused, lost or aborted. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** Servers close connections that rest for 5 s (uvicorn); ours are closed before, so that a request seldom meets one that is going away. */
const REST_MS = 4000;

export interface NodeTransport {
  send: Transport;
  close: () => void;
}

/** Without a limit of connections: how many requests are under way is decided elsewhere. There is no time limit either, except the signal's. */
export function nodeTransport(): NodeTransport {
  const settings = { keepAlive: true, timeout: REST_MS, scheduling: "lifo" } as const;
  const plain = new http.Agent(settings);
  const secure = new https.Agent(settings);
  const send: Transport = ({ url, method, headers, body, signal }) => {
    const isSecure = url.startsWith("https:");
    const open = isSecure ? https.request : http.request;
    return new Promise((resolve, reject) => {
      const sent = open(url, {
        method,
        signal,
        agent: isSecure ? secure : plain,
        headers: {
          accept: "application/json",
          ...(body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      });
      // the agent's limit is for connections that rest: an answer may take longer
      sent.on("socket", (socket) => socket.setTimeout(0));
      sent.on("error", reject);
      sent.on("response", (response) => {
        resolve({
          status: response.statusCode ?? 0,
          header: (name) => {
            const value = response.headers[name];
            return Array.isArray(value) ? value[0] : value;
          },
          chunks: response,
        });
      });
      sent.end(body);
    });
  };
  return {
    send,
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** The whole body as text. Rejects where the connection is lost before its end. */
export async function bodyText(answer: HttpAnswer): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of answer.chunks) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
}

/**
 * Refuses bodies above a size. hono's own limit makes a new request of the old one where no length is given, and that fails on requests of
 * `@hono/node-server` unless it may replace the global `Request`.
 */
import type { Context, MiddlewareHandler } from "hono";

export interface LimitBodyOptions {
  /** Bytes. */
  most: number;
  /** Answers, or throws, a request that is too large. */
  refuse: (c: Context) => Response;
}

export function limitBody({ most, refuse }: LimitBodyOptions): MiddlewareHandler {
  return async (c, next) => {
    // of the two, node:http lets through only one, and no more bytes than a length says
    if (c.req.header("transfer-encoding") === undefined) {
      return Number(c.req.header("content-length") ?? 0) > most ? refuse(c) : await next();
    }
    const bytes = await readUpTo({ body: c.req.raw.body, most });
    if (bytes === null) return refuse(c);
    const { method, headers, signal } = c.req.raw;
    c.req.raw = new Request(c.req.url, { method, headers: [...headers], signal, body: bytes });
    return await next();
  };
}

/** null for a body that is longer. */
async function readUpTo({
  body,
  most,
}: {
  body: ReadableStream<Uint8Array> | null;
  most: number;
}): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > most) return null;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

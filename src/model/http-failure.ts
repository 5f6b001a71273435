/** What an HTTP answer that is not the file means, and how long to wait before asking again. */
import { CountersteerError } from "../errors.ts";

const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** True for an answer that may differ if the request is made again. */
export function isTransient(status: number): boolean {
  return TRANSIENT.has(status);
}

/**
 * Milliseconds that a `Retry-After` header asks for (seconds or an HTTP date, RFC 9110 section 10.2.3), measured from `now`;
 * null if there is no such header or it can't be read.
 */
export function retryAfterMs({ header, now }: { header: string | null; now: number }): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function explain(status: number): { why: string; todo: string } {
  if (status === 401 || status === 403) {
    return {
      why: `The server answered ${status}: the file is private or gated, or the token isn't accepted.`,
      todo: "Accept the model's terms on its page and give a token that may read it, or use a local GGUF file.",
    };
  }
  if (status === 404) {
    return {
      why: "The server answered 404: there is no such repository, revision or file.",
      todo: "Choose another source with --from, or give the path of a local GGUF file.",
    };
  }
  if (status === 429) {
    return {
      why: "The server answered 429: too many requests from this address or account.",
      todo: "Wait and run the command again (it continues where it stopped), or give a token.",
    };
  }
  return {
    why: `The server answered ${status}.`,
    todo: "Run the command again later; it continues where it stopped.",
  };
}

/** DOWNLOAD_FAILED for an answer; `facts.status` holds the status. */
export function httpFailure({
  url,
  status,
  facts = {},
}: {
  url: string;
  status: number;
  facts?: Record<string, unknown>;
}): CountersteerError {
  const { why, todo } = explain(status);
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${url} could not be downloaded.`,
    why,
    todo,
    facts: { url, status, ...facts },
  });
}

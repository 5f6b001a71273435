/** What an exchange that threw means: ask again, give up on this request, or stop everything. */
import { APICallError } from "ai";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { retryAfterMs } from "../model/http-failure.ts";

/**
 * - `again`: may go well if it is asked again, after `waitMs` where the server said so.
 * - `filtered`: the provider's filter refused the request itself.
 * - `access`: the key, the credit or the model is refused, and every other request would be.
 * - `never`: this request is refused.
 */
export interface CallFailure {
  kind: "again" | "filtered" | "access" | "never";
  reason: string;
  /** HTTP status; null where there was no answer. */
  status: number | null;
  waitMs: number | null;
}

const RETRIED = new Set([408, 409, 429]);
const ACCESS = new Set([401, 402, 403, 404]);

export function classify({ error, now }: { error: unknown; now: number }): CallFailure {
  if (!APICallError.isInstance(error)) {
    // what the SDK doesn't know is a connection that broke: an answer that broke off, a socket that closed, our own timeout
    return { kind: "again", reason: reasonOf(error), status: null, waitMs: null };
  }
  const status = error.statusCode ?? null;
  const reason =
    status === null ? reasonOf(error) : `the server answered ${status}: ${shorten(error.message)}`;
  const waitMs = retryAfterMs({ header: error.responseHeaders?.["retry-after"] ?? null, now });
  const said = saidOf(error.responseBody);
  const fail = (kind: CallFailure["kind"]): CallFailure => ({ kind, reason, status, waitMs });
  if (said.filtered) {
    return fail("filtered");
  }
  if (status !== null && (ACCESS.has(status) || said.outOfCredit)) {
    return fail("access");
  }
  // a body that is no JSON under a good status broke off on its way
  const broken = status === null || (status >= 200 && status < 300);
  return fail(broken || RETRIED.has(status) || status >= 500 ? "again" : "never");
}

const bodySchema = z.object({
  error: z.object({
    code: z.union([z.string(), z.number()]).nullish(),
    type: z.string().nullish(),
    metadata: z.object({ reasons: z.array(z.string()).nullish() }).nullish(),
  }),
});

/** OpenRouter answers 403 with its reasons where a filter took the request; OpenAI answers 429 where the account is empty. */
function saidOf(body: string | undefined): { filtered: boolean; outOfCredit: boolean } {
  let value: unknown = null;
  try {
    value = JSON.parse(body ?? "");
  } catch {
    return { filtered: false, outOfCredit: false };
  }
  const error = bodySchema.safeParse(value).data?.error;
  const names = [error?.code, error?.type];
  return {
    filtered: names.includes("content_filter") || (error?.metadata?.reasons?.length ?? 0) > 0,
    outOfCredit: names.includes("insufficient_quota"),
  };
}

/** `undici` hides the reason (ECONNREFUSED) in the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const text = messageOf(error);
  const inner = cause === undefined ? "" : messageOf(cause) || codeOf(cause);
  return shorten(inner === "" || text.includes(inner) ? text : `${text} (${inner})`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

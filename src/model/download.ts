/** Downloads one file over HTTP into a partial file, and continues it after a broken connection or in a later run. */
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { CountersteerError, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { systemCode, writeError } from "./disk-error.ts";
import { httpFailure, isTransient, retryAfterMs } from "./http-failure.ts";

/** How to talk to the server. */
export interface TransferOptions {
  fetch?: typeof fetch;
  /** Until the first answer; ms. */
  connectTimeoutMs?: number;
  /** Without a byte; ms. */
  stallTimeoutMs?: number;
  /** Failures in a row, without a byte gained, before giving up. */
  retries?: number;
  /** The longest `Retry-After` that is honoured; a longer one is an error. ms. */
  longestWaitMs?: number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  now?: () => number;
}

export interface DownloadOptions {
  url: string;
  headers?: Record<string, string>;
  /** Bytes already in this file are not asked for again. */
  partPath: string;
  signal?: AbortSignal | undefined;
  onBytes?: (done: number, total: number | null) => void;
  transfer?: TransferOptions;
}

const DEFAULTS: Required<TransferOptions> = {
  fetch: (input, init) => globalThis.fetch(input, init),
  connectTimeoutMs: 5_000,
  stallTimeoutMs: 30_000,
  retries: 4,
  longestWaitMs: 60_000,
  sleep: async (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
  now: Date.now,
};

/** One exchange with the server: it ended the file, or it has to be repeated after `waitMs` (null: the usual back-off). */
type Attempt =
  | { kind: "complete" }
  | { kind: "restart" }
  | { kind: "repeat"; waitMs: number | null; answered: boolean; failure: CountersteerError };

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw writeError({ path, cause: error });
  }
}

/** `undici` hides the reason (ECONNREFUSED, ENOTFOUND) in the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
}

function broken(url: string, reason: string): CountersteerError {
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${url} could not be downloaded.`,
    why: `The connection failed: ${reason}.`,
    todo: "Check the network and run the command again; it continues where it stopped.",
    facts: { url, reason },
  });
}

/** A signal that fires when nothing happened for `ms` since the last `reset`. */
function watchdog(signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    reset(ms: number, reason: string) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(new Error(reason)), ms);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** `{ start, total }` of a `Content-Range`; nulls for what it doesn't say. */
function contentRange(header: string | null): { start: number | null; total: number | null } {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header?.trim() ?? "");
  const number = (text: string | undefined) => (text === undefined || text === "*" ? null : Number(text));
  return { start: number(match?.[1]), total: number(match?.[2]) };
}

async function openPart(path: string, append: boolean): Promise<FileHandle> {
  try {
    return await open(path, append ? "a" : "w");
  } catch (cause) {
    throw writeError({ path, cause });
  }
}

async function attempt(options: DownloadOptions, transfer: Required<TransferOptions>): Promise<Attempt> {
  const { url, partPath, onBytes } = options;
  const { connectTimeoutMs, stallTimeoutMs } = transfer;
  const offset = await sizeOf(partPath);
  const dog = watchdog(options.signal);
  let answered = false;
  try {
    dog.reset(connectTimeoutMs, `no answer within ${connectTimeoutMs / 1000} s`);
    const response = await transfer.fetch(url, {
      // A compressed body would make byte offsets meaningless.
      headers: {
        ...options.headers,
        "Accept-Encoding": "identity",
        ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
      },
      signal: dog.signal,
    });
    answered = true;
    const range = contentRange(response.headers.get("content-range"));
    if (response.status === 416 && offset > 0) {
      await response.body?.cancel();
      return range.total === offset ? { kind: "complete" } : { kind: "restart" };
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      const failure = httpFailure({ url: response.url || url, status: response.status });
      if (!isTransient(response.status)) throw failure;
      const waitMs = retryAfterMs({ header: response.headers.get("retry-after"), now: transfer.now() });
      return { kind: "repeat", waitMs, answered, failure };
    }
    if (response.status === 206 && range.start !== offset) {
      await response.body.cancel();
      return { kind: "restart" };
    }
    const length = response.headers.get("content-length");
    let done = response.status === 206 ? offset : 0;
    const total = range.total ?? (length === null ? null : done + Number(length));
    await using file = await openPart(partPath, done > 0);
    onBytes?.(done, total);
    dog.reset(stallTimeoutMs, `no data for ${stallTimeoutMs / 1000} s`);
    for await (const chunk of response.body) {
      try {
        await file.writeFile(chunk);
      } catch (cause) {
        throw writeError({ path: partPath, cause });
      }
      done += chunk.byteLength;
      onBytes?.(done, total);
      dog.reset(stallTimeoutMs, `no data for ${stallTimeoutMs / 1000} s`);
    }
    if (total === null || done === total) return { kind: "complete" };
    const reason = `it ended after ${done} of ${total} bytes`;
    return { kind: "repeat", waitMs: null, answered, failure: broken(url, reason) };
  } catch (error) {
    if (error instanceof CountersteerError) throw error;
    throwIfAborted({ signal: options.signal, what: "The download" });
    const reason = dog.signal.aborted ? messageOf(dog.signal.reason) : reasonOf(error);
    return { kind: "repeat", waitMs: null, answered, failure: broken(url, reason) };
  } finally {
    dog.stop();
  }
}

/**
 * Downloads `url` to `partPath`; returns the bytes that an earlier run had left there. The partial file stays on failure, for the next run.
 * A server that can't be reached at all is not tried again; a connection that breaks later is, while it makes progress.
 * Throws DOWNLOAD_FAILED, DISK_FULL or ABORTED.
 */
export async function downloadFile(options: DownloadOptions): Promise<{ resumedFrom: number }> {
  const { url, partPath, signal } = options;
  const transfer = { ...DEFAULTS, ...options.transfer };
  const what = "The download";
  let resumedFrom = await sizeOf(partPath);
  let most = resumedFrom;
  let reached = false;
  let failures = 0;
  for (;;) {
    throwIfAborted({ signal, what });
    const result = await attempt(options, transfer);
    if (result.kind === "complete") return { resumedFrom };
    if (result.kind === "restart") {
      await rm(partPath, { force: true });
      resumedFrom = 0;
      reached = true;
      failures += 1;
      if (failures > transfer.retries)
        throw broken(url, "the server sends other bytes than it was asked for");
      continue;
    }
    reached ||= result.answered;
    const size = await sizeOf(partPath);
    failures = size > most ? 1 : failures + 1;
    most = Math.max(most, size);
    const waitMs = result.waitMs ?? 1000 * 2 ** (failures - 1);
    if (!reached || failures > transfer.retries || waitMs > transfer.longestWaitMs) throw result.failure;
    try {
      await transfer.sleep(waitMs, signal);
    } catch (error) {
      throwIfAborted({ signal, what });
      throw error;
    }
  }
}

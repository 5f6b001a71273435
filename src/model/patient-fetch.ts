/** `fetch` for small requests to the hub: an answer that may differ later is asked for again, as long as the server says. */
import { setTimeout as delay } from "node:timers/promises";
import type { TransferOptions } from "./download.ts";
import { isTransient, retryAfterMs } from "./http-failure.ts";

/** The same `fetch`, which waits and repeats on 408, 429 and 5xx; the last answer is returned whatever it is. */
export function patientFetch({
  fetch: base = fetch,
  retries = 4,
  longestWaitMs = 60_000,
  sleep = async (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
  now = Date.now,
}: TransferOptions): typeof fetch {
  return async (input, init) => {
    for (let tries = 0; ; tries++) {
      const response = await base(input, init);
      if (!isTransient(response.status) || tries === retries) return response;
      const header = response.headers.get("retry-after");
      const waitMs = retryAfterMs({ header, now: now() }) ?? 1000 * 2 ** tries;
      if (waitMs > longestWaitMs) return response;
      await response.body?.cancel();
      await sleep(waitMs, init?.signal ?? undefined);
    }
  };
}

/** Sends requests at a pace: so many at once, so many a minute, and none while the provider has asked to wait. */
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";

export interface RequestQueueOptions {
  concurrency: number;
  /** null is no limit. */
  requestsPerMinute: number | null;
  now: () => number;
  sleep: Sleep;
}

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleepFor: Sleep = async (ms, signal) => {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
};

export class RequestQueue {
  readonly #queue: PQueue;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  #closedUntil = 0;

  constructor({ concurrency, requestsPerMinute, now, sleep }: RequestQueueOptions) {
    this.#now = now;
    this.#sleep = sleep;
    this.#queue = new PQueue({
      concurrency,
      // one at a time and evenly, since providers count over shorter windows than a minute
      ...(requestsPerMinute === null ? {} : { intervalCap: 1, interval: 60_000 / requestsPerMinute }),
    });
  }

  /** Runs `work` when its turn comes. Rejects with the signal's reason when that fires first. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return await this.#queue.add(
      async () => {
        for (let left = this.#left(); left > 0; left = this.#left()) {
          await this.#sleep(left, signal);
        }
        return await work();
      },
      signal === undefined ? {} : { signal },
    );
  }

  /** Lets no request out for `ms` from now. */
  hold(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#now() + ms);
  }

  #left(): number {
    return this.#closedUntil - this.#now();
  }
}

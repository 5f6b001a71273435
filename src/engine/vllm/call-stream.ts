/**
 * One call of an engine: its requests as work to be given out, and its results as an async iterable in the order in which they come.
 * No more requests are given out than results may wait to be read, so a slow reader holds back the servers and not the memory.
 */
import { CountersteerError } from "../../errors.ts";

/** A request on its way: given out, perhaps several times, and answered once. */
export interface Task {
  /** Times that it was given out. */
  tries: number;
  /** Not given out before this time. */
  notBefore: number;
  /** Asks one server and keeps the result. Rejects with what went wrong. */
  perform: (replica: { url: string; index: number }, signal: AbortSignal) => Promise<void>;
  /** Ends the call that it belongs to. */
  fail: (error: unknown) => void;
  /** Raised when nobody wants the answer any more. */
  signal: AbortSignal;
}

export interface CallStreamOptions<Request, Result> {
  requests: readonly Request[];
  perform: (
    request: Request,
    replica: { url: string; index: number },
    signal: AbortSignal,
  ) => Promise<Result>;
  /** Results that may wait to be read, together with requests under way. */
  window: number;
  /** Called when there may be work to give out again, and when the call is over. */
  onChange: () => void;
  signal?: AbortSignal | undefined;
}

export class CallStream<Request, Result> implements AsyncIterable<Result> {
  readonly #options: CallStreamOptions<Request, Result>;
  readonly #results: Result[] = [];
  readonly #controller = new AbortController();
  #next = 0;
  #running = 0;
  #left: number;
  #failure: { error: unknown } | null = null;
  #wake: (() => void) | null = null;
  readonly #onAbort = () => this.fail(aborted());

  constructor(options: CallStreamOptions<Request, Result>) {
    this.#options = options;
    this.#left = options.requests.length;
    if (options.signal?.aborted) this.fail(aborted());
    else options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** True when nothing will be given out any more, except again. */
  get allTaken(): boolean {
    return this.#failure !== null || this.#next >= this.#options.requests.length;
  }

  /** The next request; null where all are given out, or enough results wait. */
  take(): Task | null {
    const { requests, perform, window } = this.#options;
    if (this.#failure !== null || this.#running + this.#results.length >= window) return null;
    const request = requests[this.#next];
    if (request === undefined) return null;
    this.#next++;
    this.#running++;
    return {
      tries: 0,
      notBefore: 0,
      signal: this.#controller.signal,
      fail: (error) => this.fail(error),
      perform: async (replica, signal) => {
        const result = await perform(request, replica, signal);
        if (this.#failure !== null) return;
        this.#running--;
        this.#results.push(result);
        if (this.allTaken && this.#running === 0) this.#finish();
        this.#wake?.();
      },
    };
  }

  /** Ends the call: what is under way is given up, and the reader is told after the results that it can still have. */
  fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    this.#finish();
    this.#controller.abort();
    this.#wake?.();
    this.#options.onChange();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Result, void, void> {
    try {
      while (this.#left > 0) {
        const next = this.#results.shift();
        if (next !== undefined) {
          this.#left--;
          this.#options.onChange();
          yield next;
        } else if (this.#failure !== null) {
          throw this.#failure.error;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = null;
        }
      }
    } finally {
      // a reader that breaks off wants nothing more
      if (this.#left > 0) this.fail(aborted());
    }
  }

  #finish(): void {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }
}

function aborted(): CountersteerError {
  return new CountersteerError("ABORTED", {
    what: "The call was stopped.",
    why: "Its abort signal was raised, or its results were not read to the end.",
    todo: "Start it again to go on: finished trials are kept.",
  });
}

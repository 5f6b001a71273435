/**
 * Gives requests out to the servers that have room, the least loaded first, and again where that is safe: an answer depends on its request
 * alone, so a request whose server was lost, or had a passing fault, is asked anew. A server that is lost is looked after until it is back.
 */
import { setTimeout as delay } from "node:timers/promises";
import { CountersteerError, messageOf } from "../../errors.ts";
import type { CallStream, Task } from "./call-stream.ts";
import { isServerLoss, retryAfter, TransientFault } from "./faults.ts";

export interface DispatcherOptions {
  urls: readonly string[];
  /** Requests under way at each server. */
  inFlight: number;
  /** Times that one request is given out. */
  maxTries: number;
  /** Milliseconds after which a request that isn't answered is asked again. */
  timeoutMs: number;
  /** Milliseconds that the run waits for a server when none is left. */
  patienceMs: number;
  /** Rejects with a `CountersteerError` where the server answers and is another one than before, and with anything else while it does not answer. */
  probe: (url: string, signal: AbortSignal) => Promise<void>;
  onWarning: (text: string) => void;
  /** Milliseconds. @default performance.now */
  now?: () => number;
  random?: () => number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Replica {
  url: string;
  index: number;
  state: "up" | "down" | "refused";
  running: number;
  answered: number;
}

type Source = Pick<CallStream<unknown, unknown>, "take" | "allTaken" | "fail">;

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
const PROBE_TIMEOUT_MS = 20_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #replicas: Replica[];
  readonly #closing = new AbortController();
  readonly #now: () => number;
  /** Under way, with what ends them. */
  readonly #running = new Map<Task, AbortController>();
  /** Calls that have more to give out. */
  #sources: Source[] = [];
  #again: Task[] = [];
  #end: CountersteerError | null = null;
  #turn = 0;
  #outage = 0;
  #alarm: { at: number; timer: NodeJS.Timeout } | null = null;
  /** Requests that were given out more than once. */
  retries = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#replicas = options.urls.map((url, index) => ({
      url,
      index,
      state: "up",
      running: 0,
      answered: 0,
    }));
  }

  /** Requests that may be under way at all servers together. */
  get capacity(): number {
    return this.#options.inFlight * this.#replicas.length;
  }

  /** Requests that each server has answered. */
  get answered(): number[] {
    return this.#replicas.map(({ answered }) => answered);
  }

  add(source: Source): void {
    if (this.#end !== null) {
      source.fail(this.#end);
      return;
    }
    this.#sources.push(source);
    this.pump();
  }

  /** Gives out what can be given out. */
  pump(): void {
    for (;;) {
      const replica = this.#leastLoaded();
      const task = replica === null ? null : this.#nextTask();
      if (replica === null || task === null) return;
      this.#start(task, replica);
    }
  }

  /** Fails everything that waits or is under way, and whatever is asked later. */
  close(error: CountersteerError): void {
    this.#end ??= error;
    this.#closing.abort();
    if (this.#alarm !== null) clearTimeout(this.#alarm.timer);
    this.#alarm = null;
    for (const { fail } of [...this.#running.keys(), ...this.#again.splice(0)]) fail(this.#end);
    for (const source of this.#sources.splice(0)) source.fail(this.#end);
  }

  #leastLoaded(): Replica | null {
    let best: Replica | null = null;
    for (const replica of this.#replicas) {
      const hasRoom = replica.state === "up" && replica.running < this.#options.inFlight;
      if (hasRoom && (best === null || replica.running < best.running)) best = replica;
    }
    return best;
  }

  /** What is given out again comes first; then the calls take turns. */
  #nextTask(): Task | null {
    this.#again = this.#again.filter(({ signal }) => !signal.aborted);
    const now = this.#now();
    const due = this.#again.findIndex(({ notBefore }) => notBefore <= now);
    const [again] = due < 0 ? [] : this.#again.splice(due, 1);
    if (again !== undefined) return again;
    this.#wakeFor(this.#again);
    for (let left = this.#sources.length; left > 0; left--) {
      const at = this.#turn % this.#sources.length;
      const source = this.#sources[at];
      const task = source?.take() ?? null;
      if (source?.allTaken) this.#sources.splice(at, 1);
      else this.#turn = at + 1;
      if (task !== null) return task;
    }
    return null;
  }

  #wakeFor(tasks: readonly Task[]): void {
    const at = tasks.reduce((least, { notBefore }) => Math.min(least, notBefore), Number.POSITIVE_INFINITY);
    if (at === Number.POSITIVE_INFINITY || (this.#alarm !== null && this.#alarm.at <= at)) return;
    if (this.#alarm !== null) clearTimeout(this.#alarm.timer);
    const timer = setTimeout(
      () => {
        this.#alarm = null;
        this.pump();
      },
      Math.max(1, at - this.#now()),
    );
    this.#alarm = { at, timer };
  }

  #start(task: Task, replica: Replica): void {
    replica.running++;
    task.tries++;
    const controller = new AbortController();
    const stop = () => controller.abort();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, this.#options.timeoutMs);
    task.signal.addEventListener("abort", stop, { once: true });
    this.#running.set(task, controller);
    task
      .perform(replica, controller.signal)
      .then(
        () => {
          replica.answered++;
        },
        (error: unknown) => {
          const seconds = this.#options.timeoutMs / 1000;
          this.#onFault(task, replica, late ? new TransientFault(`no answer within ${seconds} s`) : error);
        },
      )
      .finally(() => {
        clearTimeout(timer);
        task.signal.removeEventListener("abort", stop);
        this.#running.delete(task);
        replica.running--;
        this.pump();
      });
  }

  #onFault(task: Task, replica: Replica, fault: unknown): void {
    if (task.signal.aborted || this.#end !== null) return;
    if (fault instanceof CountersteerError) {
      task.fail(fault);
      return;
    }
    const isLost = isServerLoss(fault);
    if (!isLost && !(fault instanceof TransientFault)) {
      task.fail(fault);
      return;
    }
    if (isLost) this.#lose(replica, fault);
    if (task.tries >= this.#options.maxTries) {
      task.fail(gaveUp({ url: replica.url, tries: task.tries, reason: messageOf(fault), cause: fault }));
      return;
    }
    this.retries++;
    // a request whose server is lost can go to another one at once
    const wait = isLost && task.tries === 1 ? 0 : (retryAfter(fault) ?? this.#wait(task.tries));
    task.notBefore = this.#now() + wait;
    this.#again.push(task);
  }

  /** Doubles with each try, and differs between requests, so that they don't all come back at once. */
  #wait(tries: number): number {
    const { random = Math.random } = this.#options;
    return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) * (0.5 + random());
  }

  #lose(replica: Replica, fault: unknown): void {
    if (replica.state !== "up") return;
    replica.state = "down";
    if (!this.#replicas.some(({ state }) => state === "up")) this.#outage = this.#now();
    this.#nurse(replica, messageOf(fault)).catch((error: unknown) => this.close(asError(error)));
  }

  /** Asks a lost server until it is back, another one than before, or patience ends with no other server left. */
  async #nurse(replica: Replica, reason: string): Promise<void> {
    const { probe, patienceMs, onWarning, sleep = pause } = this.#options;
    const { signal } = this.#closing;
    let last = reason;
    let told = false;
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        await probe(replica.url, AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]));
        replica.state = "up";
        if (told) onWarning(`${replica.url} is back.`);
        this.pump();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CountersteerError) {
          this.#refuse(replica, error);
          return;
        }
        last = messageOf(error);
      }
      if (!told) onWarning(`${replica.url} does not answer (${last}); waiting for it.`);
      told = true;
      const isAlone = !this.#replicas.some(({ state }) => state === "up");
      if (isAlone && this.#now() - this.#outage >= patienceMs) {
        this.close(lost({ urls: this.#options.urls, reason: last, waitedMs: this.#now() - this.#outage }));
        return;
      }
      await sleep(Math.min(LONGEST_WAIT_MS / 3, FIRST_WAIT_MS * 2 ** tries), signal).catch(() => undefined);
    }
  }

  #refuse(replica: Replica, error: CountersteerError): void {
    replica.state = "refused";
    if (this.#replicas.every(({ state }) => state === "refused")) {
      this.close(error);
      return;
    }
    this.#options.onWarning(`${replica.url} is left out: ${error.what} ${error.why}`);
    if (!this.#replicas.some(({ state }) => state === "up")) this.#outage = this.#now();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}

function asError(error: unknown): CountersteerError {
  return error instanceof CountersteerError
    ? error
    : new CountersteerError("ENGINE_CRASHED", {
        what: "The client of the vLLM servers stopped.",
        why: `${messageOf(error)}.`,
        todo: "Go on with `countersteer resume`, and report this.",
        cause: error,
      });
}

function gaveUp({
  url,
  tries,
  reason,
  cause,
}: {
  url: string;
  tries: number;
  reason: string;
  cause: unknown;
}): CountersteerError {
  return new CountersteerError("VLLM_UNAVAILABLE", {
    what: `A request failed ${tries} times, the last time at ${url}.`,
    why: `The reason: ${reason}.`,
    todo: "Look at the server's log, and go on with `countersteer resume`: finished trials are kept.",
    facts: { url, tries, reason },
    cause,
  });
}

function lost({
  urls,
  reason,
  waitedMs,
}: {
  urls: readonly string[];
  reason: string;
  waitedMs: number;
}): CountersteerError {
  return new CountersteerError("VLLM_UNAVAILABLE", {
    what: `No vLLM server answered for ${Math.round(waitedMs / 1000)} s.`,
    why: `The last reason: ${reason}.`,
    todo: "Start the server again and go on with `countersteer resume`: finished trials are kept.",
    facts: { urls, reason, waitedMs },
  });
}

/**
 * Several engine processes over one queue of jobs. A process that dies is started again and its jobs are given out once more (a job's
 * result depends on the job alone); a job that meets a second death fails.
 */
import { CountersteerError, fromErrorRecord } from "../../errors.ts";
import { againIfKilled, HostProcess } from "./host-process.ts";
import type { FromHost, HostOptions, HostReady, Job, JobResult, ToHost } from "./protocol.ts";

export interface PendingJob {
  job: Job;
  resolve: (result: JobResult) => void;
  reject: (error: CountersteerError) => void;
  onToken: ((token: number, text: string) => void) | null;
}

interface Running extends PendingJob {
  deaths: number;
  /** Tokens handed to the caller, and tokens that came since the job was last given out: a job that is done again repeats its tokens. */
  told: number;
  came: number;
}

/** A question that one process answers at once. */
interface Call {
  message: ToHost;
  resolve: (answer: FromHost) => void;
  reject: (error: CountersteerError) => void;
  /** null until a process is there to ask. */
  worker: Worker | null;
  deaths: number;
}

interface Worker {
  host: HostProcess;
  ready: boolean;
  running: Map<number, Running>;
}

const MAX_DEATHS = 2;

export class WorkerPool {
  readonly #options: HostOptions;
  readonly #workers: Worker[] = [];
  readonly #calls = new Map<number, Call>();
  #queue: Running[] = [];
  #nextCall = 0;
  #starting = 0;
  #closed = false;
  /** Why nothing can be done any more. */
  #end: CountersteerError | null = null;
  /** How often a process was started again. */
  restarts = 0;

  private constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Starts the processes one after the other, so that a model that can't be loaded is refused once. */
  static async open({ options, workers }: { options: HostOptions; workers: number }) {
    const pool = new WorkerPool(options);
    const ready: HostReady[] = [];
    try {
      for (let i = 0; i < workers; i++) {
        ready.push(await againIfKilled(() => pool.#start(i)));
      }
    } catch (error) {
      await pool.close();
      throw error;
    }
    const [first] = ready;
    if (first === undefined) {
      throw new CountersteerError("CONFIG_INVALID", {
        what: "An engine needs at least one worker.",
        why: `${workers} were asked for.`,
        todo: "Give `--workers 1` or more.",
      });
    }
    return { pool, ready: first };
  }

  get pids(): number[] {
    return this.#workers.flatMap(({ host }) => host.pid ?? []);
  }

  add(pending: PendingJob): void {
    if (this.#end !== null) {
      pending.reject(this.#end);
      return;
    }
    this.#queue.push({ ...pending, deaths: 0, told: 0, came: 0 });
    this.#dispatch();
  }

  cancel(keys: Set<number>): void {
    this.#queue = this.#queue.filter(({ job }) => !keys.has(job.key));
    for (const { host, running } of this.#workers) {
      const mine = [...running.keys()].filter((key) => keys.has(key));
      if (mine.length > 0) {
        host.send({ type: "cancel", keys: mine });
        for (const key of mine) {
          running.delete(key);
        }
      }
    }
    this.#dispatch();
  }

  async tokenize({ text, plain }: { text: string; plain: boolean }): Promise<Int32Array> {
    const answer = await this.#call((call) => ({ type: "tokenize", call, text, plain }));
    return answer.type === "tokens" ? answer.tokens : new Int32Array(0);
  }

  async detokenize(tokens: Int32Array): Promise<string> {
    const answer = await this.#call((call) => ({ type: "detokenize", call, tokens }));
    return answer.type === "text" ? answer.text : "";
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#finish(
      new CountersteerError("ABORTED", {
        what: "The engine was closed.",
        why: "What was still running or waiting was given up.",
        todo: "Open it again to go on: finished trials are kept.",
      }),
    );
    await Promise.all(this.#workers.map(({ host }) => host.close()));
  }

  #call(message: (call: number) => ToHost): Promise<FromHost> {
    const call = this.#nextCall++;
    return new Promise<FromHost>((resolve, reject) => {
      if (this.#end !== null) {
        reject(this.#end);
        return;
      }
      this.#calls.set(call, { message: message(call), resolve, reject, worker: null, deaths: 0 });
      this.#sendCalls();
    });
  }

  #sendCalls(): void {
    const worker = this.#workers.find(({ ready }) => ready);
    if (worker === undefined) {
      return;
    }
    for (const call of this.#calls.values()) {
      if (call.worker === null) {
        call.worker = worker;
        worker.host.send(call.message);
      }
    }
  }

  async #start(index: number): Promise<HostReady> {
    this.#starting++;
    try {
      return await this.#launch(index);
    } finally {
      this.#starting--;
    }
  }

  #launch(index: number): Promise<HostReady> {
    return new Promise((resolve, reject) => {
      const host = new HostProcess({
        onExit: (error) => {
          reject(error);
          this.#onDeath(index, error);
        },
        onMessage: (message) => {
          if (message.type === "ready") {
            worker.ready = true;
            resolve(message.ready);
            this.#sendCalls();
            this.#dispatch();
          } else if (message.type === "refused" && message.call === null) {
            reject(fromErrorRecord(message.error));
          } else {
            this.#onMessage(worker, message);
          }
        },
      });
      const worker: Worker = { host, ready: false, running: new Map() };
      this.#workers[index] = worker;
      host.send({ type: "open", options: this.#options });
    });
  }

  /** Keeps each process a few jobs ahead of its slots, so that it never waits for a message. */
  #dispatch(): void {
    const room = this.#options.slots + 2;
    for (;;) {
      const worker = this.#workers
        .filter(({ ready, running }) => ready && running.size < room)
        .sort((a, b) => a.running.size - b.running.size)[0];
      const next = worker ? this.#queue.shift() : undefined;
      if (!worker || !next) {
        return;
      }
      worker.running.set(next.job.key, next);
      worker.host.send({ type: "job", job: next.job });
    }
  }

  #onMessage(worker: Worker, message: FromHost): void {
    if (message.type === "tokens" || message.type === "text") {
      this.#calls.get(message.call)?.resolve(message);
      this.#calls.delete(message.call);
      return;
    }
    if (message.type === "refused" && message.call !== null) {
      this.#calls.get(message.call)?.reject(fromErrorRecord(message.error));
      this.#calls.delete(message.call);
      return;
    }
    if (message.type !== "result" && message.type !== "failed" && message.type !== "token") {
      return;
    }
    const running = worker.running.get(message.key);
    if (!running) {
      return;
    }
    if (message.type === "token") {
      running.came++;
      if (running.came > running.told) {
        running.told = running.came;
        running.onToken?.(message.token, message.text);
      }
      return;
    }
    worker.running.delete(message.key);
    if (message.type === "result") {
      running.resolve(message.result);
    } else {
      running.reject(fromErrorRecord(message.error));
    }
    this.#dispatch();
  }

  #onDeath(index: number, error: CountersteerError): void {
    const worker = this.#workers[index];
    if (this.#closed || !worker?.ready) {
      return;
    }
    worker.ready = false;
    const retried: Running[] = [];
    for (const running of worker.running.values()) {
      running.deaths++;
      running.came = 0;
      if (running.deaths >= MAX_DEATHS) {
        running.reject(error);
      } else {
        retried.push(running);
      }
    }
    this.#queue = [...retried, ...this.#queue];
    for (const [key, call] of this.#calls) {
      if (call.worker === worker) {
        call.worker = null;
        call.deaths++;
        if (call.deaths >= MAX_DEATHS) {
          this.#calls.delete(key);
          call.reject(error);
        }
      }
    }
    this.#sendCalls();
    this.#dispatch();
    this.restarts++;
    this.#start(index).catch((startError: unknown) => {
      this.#abandon(startError instanceof CountersteerError ? startError : error);
    });
  }

  /** Gives up when no process is left, or will be. */
  #abandon(error: CountersteerError): void {
    if (this.#starting === 0 && !this.#workers.some(({ ready }) => ready)) {
      this.#finish(error);
    }
  }

  /** Fails everything that runs or waits, and whatever is asked later. */
  #finish(error: CountersteerError): void {
    this.#end ??= error;
    const open = [...this.#workers.flatMap(({ running }) => [...running.values()]), ...this.#queue];
    this.#queue = [];
    for (const { running } of this.#workers) {
      running.clear();
    }
    for (const running of open) {
      running.reject(error);
    }
    for (const call of this.#calls.values()) {
      call.reject(error);
    }
    this.#calls.clear();
  }
}

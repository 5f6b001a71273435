/**
 * Several engine processes over one queue of jobs. A process that dies is started again and its jobs are given out once more (a job's
 * result depends on the job alone); a job that meets a second death fails.
 */
import { CountersteerError, fromErrorRecord } from "../../errors.ts";
import { HostProcess } from "./host-process.ts";
import type { FromHost, HostOptions, HostReady, Job, JobResult } from "./protocol.ts";

export interface PendingJob {
  job: Job;
  resolve: (result: JobResult) => void;
  reject: (error: CountersteerError) => void;
  onToken: ((token: number, text: string) => void) | null;
}

interface Running extends PendingJob {
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
  readonly #calls = new Map<number, (message: FromHost) => void>();
  #queue: Running[] = [];
  #nextCall = 0;
  #closed = false;
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
        ready.push(await pool.#start(i));
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
    this.#queue.push({ ...pending, deaths: 0 });
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

  async tokenize(text: string): Promise<Int32Array> {
    const answer = await this.#call((call) => ({ type: "tokenize", call, text }));
    return answer.type === "tokens" ? answer.tokens : new Int32Array(0);
  }

  async detokenize(tokens: Int32Array): Promise<string> {
    const answer = await this.#call((call) => ({ type: "detokenize", call, tokens }));
    return answer.type === "text" ? answer.text : "";
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map(({ host }) => host.close()));
  }

  async #call(message: (call: number) => Parameters<HostProcess["send"]>[0]): Promise<FromHost> {
    const call = this.#nextCall++;
    const worker = this.#workers.find(({ ready }) => ready);
    return await new Promise<FromHost>((resolve) => {
      this.#calls.set(call, resolve);
      worker?.host.send(message(call));
    });
  }

  #start(index: number): Promise<HostReady> {
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
            this.#dispatch();
          } else if (message.type === "refused") {
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
      this.#calls.get(message.call)?.(message);
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
      running.onToken?.(message.token, message.text);
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
      if (running.deaths >= MAX_DEATHS) {
        running.reject(error);
      } else {
        retried.push(running);
      }
    }
    this.#queue = [...retried, ...this.#queue];
    this.restarts++;
    this.#start(index).catch((startError: unknown) => {
      this.#abandon(startError instanceof CountersteerError ? startError : error);
    });
  }

  /** Fails everything that waits when no process is left to do it. */
  #abandon(error: CountersteerError): void {
    if (this.#workers.some(({ ready }) => ready)) {
      return;
    }
    for (const running of this.#queue) {
      running.reject(error);
    }
    this.#queue = [];
  }
}

/** Runs kernels over rows or latents on this thread and some others, and returns when all are done. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CONTROL, CONTROL_LENGTH, KERNELS, type KernelName, MOST_ARGUMENTS } from "./kernel-names.ts";
import type { KernelWorkerData } from "./kernel-worker.ts";
import type { Layout } from "./layout.ts";
import { runShare, type SharedJob } from "./run-share.ts";
import { type WasmMemory, type WasmModule, webAssembly } from "./wasm/web-assembly.ts";

export interface KernelCall {
  kernel: KernelName;
  from?: number;
  to: number;
  /** Rows or latents that a thread takes at a time. @default all of them in equal parts */
  chunk?: number;
  args?: number[];
}

export interface KernelThreadsOptions {
  module: WasmModule;
  memory: WasmMemory;
  layout: Layout;
  /** How many work, the caller's included. */
  threads: number;
}

export class KernelThreads {
  readonly #job: SharedJob = {
    control: new Int32Array(new SharedArrayBuffer(4 * CONTROL_LENGTH)),
    args: new Float64Array(new SharedArrayBuffer(8 * MOST_ARGUMENTS)),
  };
  readonly #kernels;
  readonly #layout: Layout;
  readonly #workers: Worker[];

  private constructor({ module, memory, layout, threads }: KernelThreadsOptions) {
    this.#layout = layout;
    this.#kernels = new webAssembly.Instance(module, { env: { memory } }).exports;
    const entry = new URL(
      import.meta.url.endsWith(".ts") ? "kernel-worker.ts" : "kernel-worker.js",
      import.meta.url,
    );
    this.#workers = Array.from({ length: threads - 1 }, (_, other) => {
      const workerData: KernelWorkerData = {
        module,
        memory,
        job: this.#job,
        scratch: layout.scratchAt + (other + 1) * layout.scratchBytes,
      };
      return new Worker(entry, { workerData });
    });
  }

  /** Resolves when every thread waits for work. */
  static async open(options: KernelThreadsOptions): Promise<KernelThreads> {
    const opened = new KernelThreads(options);
    try {
      await Promise.all(opened.#workers.map((worker) => once(worker, "message")));
    } catch (error) {
      await opened.close();
      throw error;
    }
    // an idle thread must not keep the process alive
    for (const worker of opened.#workers) worker.unref();
    return opened;
  }

  get threads(): number {
    return this.#workers.length + 1;
  }

  /** Blocks until done. Throws if a kernel fails, which is a fault of this program. */
  run({ kernel, from = 0, to, chunk, args = [] }: KernelCall): void {
    const { control, args: shared } = this.#job;
    const others = this.#workers.length;
    shared.set(args);
    Atomics.store(control, CONTROL.kernel, KERNELS.indexOf(kernel));
    Atomics.store(control, CONTROL.next, from);
    Atomics.store(control, CONTROL.end, to);
    Atomics.store(control, CONTROL.chunk, chunk ?? Math.max(1, Math.ceil((to - from) / this.threads)));
    Atomics.store(control, CONTROL.arguments, args.length);
    Atomics.store(control, CONTROL.done, 0);
    Atomics.add(control, CONTROL.job, 1);
    Atomics.notify(control, CONTROL.job);
    runShare({ job: this.#job, kernels: this.#kernels, scratch: this.#layout.scratchAt });
    for (let done = Atomics.load(control, CONTROL.done); done < others; ) {
      Atomics.wait(control, CONTROL.done, done);
      done = Atomics.load(control, CONTROL.done);
    }
    if (Atomics.load(control, CONTROL.failed) === 1) throw new Error(`kernel ${kernel} failed in a thread`);
  }

  async close(): Promise<void> {
    const { control } = this.#job;
    Atomics.store(control, CONTROL.stop, 1);
    Atomics.add(control, CONTROL.job, 1);
    Atomics.notify(control, CONTROL.job);
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()));
  }
}

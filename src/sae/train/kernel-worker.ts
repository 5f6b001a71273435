/** Entry of a kernel thread: waits for jobs at the control array and takes part in them until it is told to stop. */
import { parentPort, workerData } from "node:worker_threads";
import { CONTROL } from "./kernel-names.ts";
import { runShare, type SharedJob } from "./run-share.ts";
import { type WasmMemory, type WasmModule, webAssembly } from "./wasm/web-assembly.ts";

export interface KernelWorkerData {
  module: WasmModule;
  memory: WasmMemory;
  job: SharedJob;
  scratch: number;
}

// only `KernelThreads` starts this file, with data of this type
const { module, memory, job, scratch } = workerData as KernelWorkerData;
const { exports: kernels } = new webAssembly.Instance(module, { env: { memory } });
const { control } = job;

parentPort?.postMessage("ready");

for (let seen = 0; ; seen++) {
  Atomics.wait(control, CONTROL.job, seen);
  if (Atomics.load(control, CONTROL.stop) === 1) break;
  try {
    runShare({ job, kernels, scratch });
  } catch {
    Atomics.store(control, CONTROL.failed, 1);
  }
  Atomics.add(control, CONTROL.done, 1);
  Atomics.notify(control, CONTROL.done);
}

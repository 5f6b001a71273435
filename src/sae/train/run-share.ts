/** One thread's part in a job: chunks are taken until none is left. */
import { CONTROL, KERNELS } from "./kernel-names.ts";
import type { WasmExport } from "./wasm/web-assembly.ts";

export interface SharedJob {
  control: Int32Array<SharedArrayBuffer>;
  args: Float64Array<SharedArrayBuffer>;
}

export function runShare({
  job: { control, args },
  kernels,
  scratch,
}: {
  job: SharedJob;
  kernels: Readonly<Record<string, WasmExport>>;
  /** Address of this thread's scratch memory. */
  scratch: number;
}): void {
  const name = KERNELS[Atomics.load(control, CONTROL.kernel)];
  const kernel = name === undefined ? undefined : kernels[name];
  if (kernel === undefined) throw new Error(`there is no kernel ${name}`);
  const rest = [...args.subarray(0, Atomics.load(control, CONTROL.arguments))];
  const end = Atomics.load(control, CONTROL.end);
  const chunk = Atomics.load(control, CONTROL.chunk);
  for (;;) {
    const from = Atomics.add(control, CONTROL.next, chunk);
    if (from >= end) return;
    kernel(from, Math.min(from + chunk, end), scratch, ...rest);
  }
}

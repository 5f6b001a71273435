/** ggml's CPU backend, by itself: for products and graphs that are not llama.cpp's. */
import koffi from "koffi";
import { CountersteerError } from "../../errors.ts";
import { native, type Pointer, setThreadsType } from "./bindings.ts";

const CPU_DEVICE = 0;

/** Free it with `freeBackend`. Throws LIBRARY_MISMATCH (from loading the libraries), ENGINE_CRASHED. */
export function openCpuBackend({ threads }: { threads: number }): Pointer {
  const n = native();
  const backend: Pointer | null = n.initByType(CPU_DEVICE, null);
  if (backend === null) {
    throw new CountersteerError("ENGINE_CRASHED", {
      what: "ggml has no CPU backend.",
      why: "It did not initialise.",
      todo: "Free some memory and run again.",
    });
  }
  const registry: Pointer = n.deviceRegistry(n.backendDevice(backend));
  const setThreads: (backend: Pointer, threads: number) => void = koffi.decode(
    n.registryProc(registry, "ggml_backend_set_n_threads"),
    setThreadsType,
  );
  setThreads(backend, threads);
  return backend;
}

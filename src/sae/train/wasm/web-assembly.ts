/** The part of the WebAssembly interface that is used here: the types of Node do not declare it. */

export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

/** Compiled code; it may be posted to another thread. */
export type WasmModule = object;

/** An exported function: numbers become int32 or float32 by its parameters. */
export type WasmExport = (...args: number[]) => void;

interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => WasmModule;
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
  Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => { exports: Readonly<Record<string, WasmExport>> };
}

// the global exists in every Node that runs this package; only its declaration is missing
export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

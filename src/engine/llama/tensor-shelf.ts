/** Tensors that outlive graphs: made one by one, then given memory all at once. */
import { GGML_TYPE, native, type Pointer } from "./bindings.ts";
import { openCpuBackend } from "./cpu-backend.ts";
import type { Tensor } from "./graph-builder.ts";
import { graphOps } from "./graph-ops.ts";

export type ShelfType = Exclude<keyof typeof GGML_TYPE, "q4_1" | "f16">;

export class TensorShelf {
  readonly #context: Pointer;
  readonly #backend: Pointer;
  #buffer: Pointer | null = null;

  /** `count` bounds the tensors. */
  constructor({ count }: { count: number }) {
    this.#backend = openCpuBackend({ threads: 1 });
    const bytes = (count + 1) * Number(graphOps().tensorOverhead());
    this.#context = native().init({ mem_size: bytes, mem_buffer: null, no_alloc: true });
  }

  /** Rows of `columns` numbers; a vector where there is one row. */
  add({ type, columns, rows }: { type: ShelfType; columns: number; rows: number }): Tensor {
    return native().newTensor2d(this.#context, GGML_TYPE[type], columns, rows);
  }

  /** Gives memory to all tensors, zeroed. Call once. Throws RangeError where there is none. */
  allocate(): void {
    this.#buffer = native().allocTensors(this.#context, this.#backend);
    if (this.#buffer === null) throw new RangeError("there is no memory for the tensors of the training");
    this.clear();
  }

  /** All numbers become 0. */
  clear(): void {
    if (this.#buffer !== null) graphOps().clearBuffer(this.#buffer, 0);
  }

  close(): void {
    if (this.#buffer !== null) native().freeBuffer(this.#buffer);
    native().free(this.#context);
    native().freeBackend(this.#backend);
    this.#buffer = null;
  }
}

/** Writes a whole tensor, or its part from `offset` bytes on. */
export function writeTensor(tensor: Tensor, data: Float32Array | Int32Array | Uint8Array, offset = 0): void {
  native().tensorSet(tensor, data, offset, data.byteLength);
}

/** Reads as many bytes as `target` holds, from `offset` bytes on. */
export function readTensor(tensor: Tensor, target: Float32Array, offset = 0): void {
  native().tensorGet(tensor, target, offset, target.byteLength);
}

/** The product of many directions with pieces of the unembedding, through ggml on the CPU. */
import { CountersteerError } from "../../errors.ts";
import { GGML_TYPE, native, type Pointer } from "./bindings.ts";
import { openCpuBackend } from "./cpu-backend.ts";

const GRAPH_BYTES = 1 << 20;

export interface UnembeddingProductOptions {
  /** Numbers of a row of both factors. */
  columns: number;
  /** Rows of a piece, and directions of one product. */
  rows: number;
  batch: number;
  threads: number;
}

/** `[rows, columns] x [batch, columns]^T`. Throws ENGINE_CRASHED. */
export class UnembeddingProduct implements Disposable {
  readonly #backend: Pointer;
  readonly #context: Pointer;
  readonly #buffer: Pointer;
  readonly #graph: Pointer;
  readonly #weights: Pointer;
  readonly #input: Pointer;
  readonly #output: Pointer;
  readonly #values: Float32Array;

  constructor({ columns, rows, batch, threads }: UnembeddingProductOptions) {
    const n = native();
    this.#backend = openCpuBackend({ threads });
    this.#context = n.init({ mem_size: GRAPH_BYTES, mem_buffer: null, no_alloc: true });
    this.#weights = n.newTensor2d(this.#context, GGML_TYPE.f32, columns, rows);
    this.#input = n.newTensor2d(this.#context, GGML_TYPE.f32, columns, batch);
    this.#output = n.mulMat(this.#context, this.#weights, this.#input);
    this.#graph = n.newGraph(this.#context, 16, false);
    n.buildForward(this.#graph, this.#output);
    const buffer: Pointer | null = n.allocTensors(this.#context, this.#backend);
    if (buffer === null) throw failed("ggml can't allocate it: there is too little memory.");
    this.#buffer = buffer;
    this.#values = new Float32Array(rows * batch);
    n.tensorSet(this.#input, new Float32Array(columns * batch), 0, columns * batch * 4);
    n.tensorSet(this.#weights, new Float32Array(columns * rows), 0, columns * rows * 4);
  }

  setRows(values: Float32Array): void {
    native().tensorSet(this.#weights, values, 0, values.byteLength);
  }

  /** `[batch, rows]`, valid until the next call; rows of `batch` beyond the input's are of an earlier call. */
  run(input: Float32Array): Float32Array {
    const n = native();
    n.tensorSet(this.#input, input, 0, input.byteLength);
    const status: number = n.computeGraph(this.#backend, this.#graph);
    if (status !== 0) throw failed(`ggml returned status ${status}.`);
    n.tensorGet(this.#output, this.#values, 0, this.#values.byteLength);
    return this.#values;
  }

  [Symbol.dispose](): void {
    const n = native();
    n.freeBuffer(this.#buffer);
    n.free(this.#context);
    n.freeBackend(this.#backend);
  }
}

function failed(why: string): CountersteerError {
  return new CountersteerError("ENGINE_CRASHED", {
    what: "The product of directions with the unembedding did not run.",
    why,
    todo: "Free some memory and run again.",
  });
}

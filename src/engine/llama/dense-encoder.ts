/**
 * The encoder of a dictionary as one dense matrix product through ggml: pre-activations of every latent for many rows.
 * Row counts are rounded up to a power of two (at least 2), so that few graphs exist and a row's numbers do not depend on its company.
 */
import { CountersteerError } from "../../errors.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { GGML_TYPE, native, type Pointer } from "./bindings.ts";
import { openCpuBackend } from "./cpu-backend.ts";

const OUTPUT_BYTES = 32 * 2 ** 20;

interface Graph {
  capacity: number;
  graph: Pointer;
  input: Pointer;
  output: Pointer;
}

export class DenseEncoder {
  /** Rows of one call at most. */
  readonly maxRows: number;
  readonly #dictionary: Dictionary;
  readonly #backend: Pointer;
  readonly #weights: Pointer;
  readonly #bias: Float32Array;
  readonly #graphs = new Map<number, Graph>();

  constructor({ dictionary, threads }: { dictionary: Dictionary; threads: number }) {
    const n = native();
    this.#dictionary = dictionary;
    const power = Math.floor(Math.log2(Math.max(2, OUTPUT_BYTES / 4 / dictionary.latents)));
    this.maxRows = Math.min(1024, 2 ** power);
    this.#backend = openCpuBackend({ threads });
    const { dModel, latents } = dictionary;
    const context: Pointer = n.init({ mem_size: 4096, mem_buffer: null, no_alloc: true });
    this.#weights = n.newTensor2d(context, GGML_TYPE.f32, dModel, latents);
    this.#allocate(context);
    n.tensorSet(this.#weights, dictionary.encoderMatrix(), 0, dModel * latents * 4);
    this.#bias = dictionary.effectiveBiases();
  }

  /** Pre-activations `[rows, latents]` of `rows` `[count, d_model]`; `count` is at most `maxRows`. */
  encode({ rows, count }: { rows: Float32Array; count: number }): Float32Array {
    const n = native();
    const { dModel, latents } = this.#dictionary;
    const { graph, input, output } = this.#graph(count);
    n.tensorSet(input, rows, 0, count * dModel * 4);
    const status: number = n.computeGraph(this.#backend, graph);
    if (status !== 0) {
      throw new CountersteerError("ENGINE_CRASHED", {
        what: `ggml returned status ${status} for the SAE encoder.`,
        why: "The matrix product did not run.",
        todo: "Free some memory and run again.",
        facts: { status, count, latents },
      });
    }
    const pre = new Float32Array(count * latents);
    n.tensorGet(output, pre, 0, pre.byteLength);
    const bias = this.#bias;
    for (let row = 0, at = 0; row < count; row++) {
      for (let k = 0; k < latents; k++, at++) {
        pre[at] = (pre[at] ?? 0) + (bias[k] ?? 0);
      }
    }
    return pre;
  }

  #graph(count: number): Graph {
    const capacity = Math.max(2, 2 ** Math.ceil(Math.log2(count)));
    const known = this.#graphs.get(capacity);
    if (known) {
      return known;
    }
    const n = native();
    const context: Pointer = n.init({ mem_size: 1 << 20, mem_buffer: null, no_alloc: true });
    const input: Pointer = n.newTensor2d(context, GGML_TYPE.f32, this.#dictionary.dModel, capacity);
    const output: Pointer = n.mulMat(context, this.#weights, input);
    const graph: Pointer = n.newGraph(context, 16, false);
    n.buildForward(graph, output);
    this.#allocate(context);
    n.tensorSet(
      input,
      new Float32Array(this.#dictionary.dModel * capacity),
      0,
      this.#dictionary.dModel * capacity * 4,
    );
    const made = { capacity, graph, input, output };
    this.#graphs.set(capacity, made);
    return made;
  }

  #allocate(context: Pointer): void {
    const buffer: Pointer | null = native().allocTensors(context, this.#backend);
    if (buffer === null) {
      throw new CountersteerError("ENGINE_CRASHED", {
        what: "ggml can't allocate the SAE encoder.",
        why: `There is too little memory for ${this.#dictionary.latents} latents of ${this.#dictionary.dModel} numbers.`,
        todo: "Use fewer `--workers`, or a smaller dictionary.",
        facts: { latents: this.#dictionary.latents, dModel: this.#dictionary.dModel },
      });
    }
  }
}

/** One ggml graph while it is built: each method adds a node over tensors; shapes are ggml's, innermost dimension first. */
import { GGML_TYPE, native, type Pointer } from "./bindings.ts";
import { graphOps } from "./graph-ops.ts";

/** A ggml tensor; never looked into. */
export type Tensor = Pointer;

const FLOAT_BYTES = 4;

/** Rotary embedding as the model was trained with it. */
export interface Rotation {
  /** Dimensions of a head that are rotated. */
  dimensions: number;
  /** ggml's number: 0 rotates neighbours, 2 the two halves. */
  mode: number;
  base: number;
  /** Factor on positions. */
  scale: number;
  /** `[dimensions / 2]`, divides the frequencies; null for none. */
  factors: Tensor | null;
}

export class GraphBuilder {
  readonly context: Pointer;
  readonly graph: Pointer;
  readonly #n = native();
  readonly #o = graphOps();

  /** `nodes` bounds the tensors that are made. */
  constructor({ nodes }: { nodes: number }) {
    const bytes = nodes * Number(this.#o.tensorOverhead()) + Number(this.#o.graphOverhead(nodes, false));
    this.context = this.#n.init({ mem_size: bytes, mem_buffer: null, no_alloc: true });
    this.graph = this.#n.newGraph(this.context, nodes, false);
  }

  /** Adds the tensor and what it needs to the graph, in the order of calls. */
  expand(tensor: Tensor): void {
    this.#n.buildForward(this.graph, tensor);
  }

  /** A tensor that is filled before the graph runs. */
  input({ type, shape: [x, y] }: { type: "f32" | "i32"; shape: [x: number, y?: number] }): Tensor {
    const tensor: Tensor =
      y === undefined
        ? this.#o.newTensor1d(this.context, GGML_TYPE[type], x)
        : this.#n.newTensor2d(this.context, GGML_TYPE[type], x, y);
    this.#o.setInput(tensor);
    return tensor;
  }

  /** Keeps the tensor's memory until the graph has run. */
  keep(tensor: Tensor): Tensor {
    this.#o.setOutput(tensor);
    return tensor;
  }

  /** `[k, m]`, `[k, n]` → `[m, n]` */
  mulMat(a: Tensor, b: Tensor): Tensor {
    return this.#n.mulMat(this.context, a, b);
  }

  /** `[m, k]`, `[n, k]` → `[m, n]`; `b` may be transposed. */
  outProduct(a: Tensor, b: Tensor): Tensor {
    return this.#o.outProduct(this.context, a, b);
  }

  /** `b` is repeated where it is smaller. */
  add(a: Tensor, b: Tensor): Tensor {
    return this.#o.add(this.context, a, b);
  }

  /** Into the memory of `a`. */
  addInto(a: Tensor, b: Tensor): Tensor {
    return this.#o.addInplace(this.context, a, b);
  }

  subtract(a: Tensor, b: Tensor): Tensor {
    return this.#o.subtract(this.context, a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return this.#o.multiply(this.context, a, b);
  }

  divide(a: Tensor, b: Tensor): Tensor {
    return this.#o.divide(this.context, a, b);
  }

  addNumber(a: Tensor, value: number): Tensor {
    return this.#o.scaleBias(this.context, a, 1, value);
  }

  rmsNorm(a: Tensor, epsilon: number): Tensor {
    return this.#o.rmsNorm(this.context, a, epsilon);
  }

  rmsNormBack({ gradient, input, epsilon }: { gradient: Tensor; input: Tensor; epsilon: number }): Tensor {
    return this.#o.rmsNormBack(this.context, gradient, input, epsilon);
  }

  silu(a: Tensor): Tensor {
    return this.#o.silu(this.context, a);
  }

  swiglu(gate: Tensor, up: Tensor): Tensor {
    return this.#o.swiglu(this.context, gate, up);
  }

  softmax(a: Tensor, { mask = null, scale = 1 }: { mask?: Tensor | null; scale?: number } = {}): Tensor {
    return this.#o.softmax(this.context, a, mask, scale, 0);
  }

  softmaxBack({ gradient, output, scale }: { gradient: Tensor; output: Tensor; scale: number }): Tensor {
    return this.#o.softmaxBack(this.context, gradient, output, scale, 0);
  }

  /** `[head, heads, rows]` */
  rope(a: Tensor, positions: Tensor, rotation: Rotation): Tensor {
    return this.#o.rope(...this.#rotationArguments(a, positions, rotation));
  }

  ropeBack(a: Tensor, positions: Tensor, rotation: Rotation): Tensor {
    return this.#o.ropeBack(...this.#rotationArguments(a, positions, rotation));
  }

  #rotationArguments(a: Tensor, positions: Tensor, rotation: Rotation) {
    const { dimensions, mode, base, scale, factors } = rotation;
    // trained context, extrapolation and both betas matter only to YaRN
    return [this.context, a, positions, factors, dimensions, mode, 0, base, scale, 0, 1, 32, 1] as const;
  }

  getRows(a: Tensor, rows: Tensor): Tensor {
    return this.#o.getRows(this.context, a, rows);
  }

  /** Zeros of the shape of `shape`, with the gradient's rows added where `getRows` read them. */
  getRowsBack({ gradient, rows, shape }: { gradient: Tensor; rows: Tensor; shape: Tensor }): Tensor {
    return this.#o.getRowsBack(this.context, gradient, rows, shape);
  }

  concat(a: Tensor, b: Tensor, dimension: number): Tensor {
    return this.#o.concat(this.context, a, b, dimension);
  }

  /** Zeros behind the second dimension. */
  padRows(a: Tensor, count: number): Tensor {
    return count === 0 ? a : this.#o.pad(this.context, a, 0, count, 0, 0);
  }

  /** Adds `b` to the part of `a`, `[x, y, z]` contiguous, that begins at `a`'s start and has `b`'s shape. Into the memory of `a`. */
  accumulate(a: Tensor, b: Tensor, [x, y]: readonly [x: number, y: number]): Tensor {
    const plane = x * y * FLOAT_BYTES;
    return this.#o.accumulate(this.context, a, b, x * FLOAT_BYTES, plane, plane, 0);
  }

  /** Writes `b` over the part of `a`, `[x, y, z]` contiguous, from plane `z` on. Into the memory of `a`. */
  setPlanes(
    a: Tensor,
    b: Tensor,
    { shape: [x, y], from }: { shape: readonly [x: number, y: number]; from: number },
  ): Tensor {
    const plane = x * y * FLOAT_BYTES;
    return this.#o.set(this.context, a, b, x * FLOAT_BYTES, plane, plane, from * plane);
  }

  permute(a: Tensor, [x, y, z]: readonly [x: number, y: number, z: number]): Tensor {
    return this.#o.permute(this.context, a, x, y, z, 3);
  }

  transpose(a: Tensor): Tensor {
    return this.#o.transpose(this.context, a);
  }

  contiguous(a: Tensor): Tensor {
    return this.#o.contiguous(this.context, a);
  }

  cast(a: Tensor, type: "f32" | "bf16"): Tensor {
    return this.#o.cast(this.context, a, GGML_TYPE[type]);
  }

  reshape(a: Tensor, [x, y, z]: readonly [x: number, y: number, z?: number]): Tensor {
    return z === undefined
      ? this.#o.reshape2d(this.context, a, x, y)
      : this.#o.reshape3d(this.context, a, x, y, z);
  }

  /** Strides and offset count numbers of `bytes` bytes. */
  view(
    a: Tensor,
    {
      shape: [x, y, z],
      strides: [sy, sz],
      offset = 0,
      bytes = FLOAT_BYTES,
    }: {
      shape: readonly [x: number, y: number, z: number];
      strides: readonly [y: number, z: number];
      offset?: number;
      bytes?: number;
    },
  ): Tensor {
    return this.#o.view3d(this.context, a, x, y, z, sy * bytes, sz * bytes, offset * bytes);
  }

  free(): void {
    this.#n.free(this.context);
  }
}

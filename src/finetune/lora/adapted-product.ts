/**
 * A frozen matrix with its adapter: `y = W x + (alpha / rank) B A (m * x)`, m the dropout mask; and its backward pass. Gradients of
 * the small factors are outer products, so that nothing large is transposed.
 */
import type { GraphBuilder, Tensor } from "../../engine/llama/graph-builder.ts";
import type { FrozenMatrix } from "./frozen-weights.ts";

/** The factors of one matrix, and where their gradients are summed. */
export interface AdapterTensors {
  /** `[inputs, rank]` as ggml counts. */
  a: Tensor;
  /** B transposed and scaled by alpha / rank, `[outputs, rank]`. */
  b: Tensor;
  gradientA: Tensor;
  /** With respect to the scaled B. */
  gradientB: Tensor;
}

export interface AdaptedProduct {
  output: Tensor;
  /**
   * Adds this product's gradients to their sums, and gives the gradient of the input, `[inputs, rows]`. An input that was computed again
   * for this is given as `again`: then the first need not be kept.
   */
  back(gradient: Tensor, again?: Tensor): Tensor;
}

export function adaptedProduct({
  graph,
  matrix,
  adapter,
  input,
  mask,
}: {
  graph: GraphBuilder;
  matrix: FrozenMatrix;
  adapter: AdapterTensors | null;
  /** `[inputs, rows]` */
  input: Tensor;
  /** `[inputs, rows]`, of zeros and `1 / (1 - dropout)`; null for no dropout. */
  mask: Tensor | null;
}): AdaptedProduct {
  const { weight, transposed, bias } = matrix;
  const product = graph.mulMat(weight, input);
  const plain = bias === null ? product : graph.add(product, bias);
  if (adapter === null) return { output: plain, back: (gradient) => graph.mulMat(transposed, gradient) };
  const { a, b, gradientA, gradientB } = adapter;
  const masked = (tensor: Tensor) => (mask === null ? tensor : graph.multiply(tensor, mask));
  const kept = masked(input);
  // [rank, rows]
  const inner = graph.mulMat(a, kept);
  return {
    output: graph.add(plain, graph.outProduct(b, graph.transpose(inner))),
    back: (gradient, again) => {
      const innerGradient = graph.mulMat(b, gradient);
      const sum = (into: Tensor, rows: Tensor, of: Tensor) =>
        graph.expand(graph.addInto(into, graph.outProduct(rows, of)));
      sum(gradientB, gradient, inner);
      sum(gradientA, again === undefined ? kept : masked(again), innerGradient);
      const through = masked(graph.outProduct(a, graph.transpose(innerGradient)));
      return graph.add(graph.mulMat(transposed, gradient), through);
    },
  };
}

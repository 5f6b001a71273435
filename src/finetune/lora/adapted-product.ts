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
  /** Adds this product's gradients to their sums, and gives the gradient of the input, `[inputs, rows]`. */
  back(gradient: Tensor): Tensor;
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
  const kept = mask === null ? input : graph.multiply(input, mask);
  // [rows, rank]
  const inner = graph.mulMat(kept, a);
  return {
    output: graph.add(plain, graph.outProduct(b, inner)),
    back: (gradient) => {
      const innerGradient = graph.mulMat(gradient, b);
      const sum = (into: Tensor, rows: Tensor, of: Tensor) =>
        graph.expand(graph.addInto(into, graph.outProduct(rows, graph.transpose(of))));
      sum(gradientB, gradient, inner);
      sum(gradientA, kept, innerGradient);
      const through = graph.outProduct(a, innerGradient);
      return graph.add(
        graph.mulMat(transposed, gradient),
        mask === null ? through : graph.multiply(through, mask),
      );
    },
  };
}

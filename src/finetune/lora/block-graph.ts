/** One Llama-family block over the rows of one example, forwards and backwards. */
import type { GraphBuilder, Rotation, Tensor } from "../../engine/llama/graph-builder.ts";
import type { MatrixName } from "../types.ts";
import { type AdaptedProduct, type AdapterTensors, adaptedProduct } from "./adapted-product.ts";
import { type AttentionPieces, type AttentionShape, attention } from "./attention.ts";
import type { FrozenBlock } from "./frozen-weights.ts";

/** Keeps the quotient silu(x) / x defined at 0; far below what float32 can tell apart from 0 in a sum of gate inputs. */
const TINY = 1e-20;

export interface BlockOptions {
  graph: GraphBuilder;
  block: FrozenBlock;
  adapterOf(matrix: MatrixName): AdapterTensors | null;
  maskOf(matrix: MatrixName): Tensor | null;
  shape: AttentionShape;
  pieces: AttentionPieces;
  positions: Tensor;
  rotation: Rotation;
  epsilon: number;
  half: boolean;
}

export interface BlockGraph {
  /** `[d_model, rows]` */
  output: Tensor;
  /** From the gradient of the output to that of the input. */
  back(gradient: Tensor): Tensor;
}

export function blockGraph(options: BlockOptions & { input: Tensor }): BlockGraph {
  const { graph, input } = options;
  const attended = attentionPart({ ...options, input });
  const middle = graph.add(input, attended.output);
  const fed = feedForwardPart({ ...options, input: middle });
  return {
    output: graph.add(middle, fed.output),
    back: (gradient) => {
      const middleGradient = graph.add(gradient, fed.back(gradient));
      return graph.add(middleGradient, attended.back(middleGradient));
    },
  };
}

/** What a part adds to the residual stream; `back` gives the gradient of the part's input. */
type Part = (options: BlockOptions & { input: Tensor }) => BlockGraph;

const attentionPart: Part = (options) => {
  const { graph, block, shape, pieces, positions, rotation, half } = options;
  const { headSize, heads, keyHeads, rows } = shape;
  const norm = scaledNorm({ ...options, weight: block.attentionNorm });
  const q = product({ ...options, name: "attn_q", input: norm.output });
  const k = product({ ...options, name: "attn_k", input: norm.output });
  const v = product({ ...options, name: "attn_v", input: norm.output });
  const rotated = (tensor: Tensor, count: number) =>
    graph.rope(graph.reshape(tensor, [headSize, count, rows]), positions, rotation);
  const attended = attention({
    graph,
    shape,
    pieces,
    half,
    queries: rotated(q.output, heads),
    keys: rotated(k.output, keyHeads),
    values: graph.reshape(v.output, [headSize, keyHeads, rows]),
  });
  const o = product({ ...options, name: "attn_output", input: attended.output });
  return {
    output: o.output,
    back: (gradient) => {
      const gradients = attended.back(o.back(gradient));
      const unrotated = (tensor: Tensor, count: number) =>
        graph.reshape(graph.ropeBack(tensor, positions, rotation), [headSize * count, rows]);
      const parts = [
        q.back(unrotated(gradients.queries, heads)),
        k.back(unrotated(gradients.keys, keyHeads)),
        v.back(graph.reshape(gradients.values, [headSize * keyHeads, rows])),
      ];
      return norm.back(parts.reduce((sum, part) => graph.add(sum, part)));
    },
  };
};

const feedForwardPart: Part = (options) => {
  const { graph, block } = options;
  const norm = scaledNorm({ ...options, weight: block.feedForwardNorm });
  const gate = product({ ...options, name: "ffn_gate", input: norm.output });
  const up = product({ ...options, name: "ffn_up", input: norm.output });
  const down = product({ ...options, name: "ffn_down", input: graph.swiglu(gate.output, up.output) });
  return {
    output: down.output,
    back: (gradient) => {
      const { silu, slope } = siluParts(graph, gate.output);
      const gated = down.back(gradient, graph.multiply(silu, up.output));
      const gateGradient = graph.multiply(graph.multiply(gated, up.output), slope);
      const parts = [gate.back(gateGradient), up.back(graph.multiply(gated, silu))];
      return norm.back(parts.reduce((sum, part) => graph.add(sum, part)));
    },
  };
};

/** silu and its derivative s + silu (1 - s), s the logistic function, from the one vectorised function that ggml has for it. */
function siluParts(graph: GraphBuilder, input: Tensor): { silu: Tensor; slope: Tensor } {
  const moved = graph.addNumber(input, TINY);
  const silu = graph.silu(moved);
  const logistic = graph.divide(silu, moved);
  const slope = graph.subtract(graph.add(logistic, silu), graph.multiply(logistic, silu));
  return { silu, slope };
}

function product({
  graph,
  block,
  adapterOf,
  maskOf,
  name,
  input,
}: BlockOptions & { name: MatrixName; input: Tensor }): AdaptedProduct {
  return adaptedProduct({
    graph,
    matrix: block.matrices[name],
    adapter: adapterOf(name),
    input,
    mask: maskOf(name),
  });
}

/** RMS norm and its weight. */
export function scaledNorm({
  graph,
  input,
  weight,
  epsilon,
}: {
  graph: GraphBuilder;
  input: Tensor;
  weight: Tensor;
  epsilon: number;
}): BlockGraph {
  return {
    output: graph.multiply(graph.rmsNorm(input, epsilon), weight),
    back: (gradient) => graph.rmsNormBack({ gradient: graph.multiply(gradient, weight), input, epsilon }),
  };
}

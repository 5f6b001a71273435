/** The end of the model for the rows that have a target: final norm, head, cross-entropy; in pieces of rows, because logits are large. */
import type { GraphBuilder, Tensor } from "../../engine/llama/graph-builder.ts";
import { scaledNorm } from "./block-graph.ts";
import type { FrozenWeights } from "./frozen-weights.ts";

/** Logits of a piece. */
const PIECE_NUMBERS = 2 ** 22;

export interface LossGraph {
  /** Of the sum of losses with respect to the input, `[d_model, rows]`; null where it was not asked for. */
  gradient: Tensor | null;
  /** Of each piece, the probability of each row's target, `[1, rows of the piece]`. */
  probabilities: { tensor: Tensor; rows: number }[];
  /** Values of the inputs that the graph made. */
  inputs: { tensor: Tensor; values: Int32Array }[];
}

interface LossOptions {
  graph: GraphBuilder;
  weights: Pick<FrozenWeights, "outputNorm" | "head">;
  epsilon: number;
  /** `[d_model, rows]` */
  input: Tensor;
  targetRows: Int32Array;
  targets: Int32Array;
  backwards: boolean;
}

export function lossGraph(options: LossOptions): LossGraph {
  const { graph, weights, input, targetRows, targets, backwards } = options;
  const size = Math.max(1, Math.floor(PIECE_NUMBERS / weights.head.outputs));
  const inputs: LossGraph["inputs"] = [];
  const indices = (values: Int32Array): Tensor => {
    const tensor = graph.input({ type: "i32", shape: [values.length] });
    inputs.push({ tensor, values });
    return tensor;
  };
  const pieces = Array.from({ length: Math.ceil(targets.length / size) }, (_, index) => {
    const rows = targetRows.slice(index * size, (index + 1) * size);
    const mine = targets.slice(index * size, (index + 1) * size);
    const piece = lossPiece({ ...options, indices, rows, mine });
    // at once, so that no piece's logits outlive it
    graph.expand(piece.probability);
    const gradient = backwards ? piece.gradient() : null;
    if (gradient !== null) graph.expand(gradient);
    return { gradient, probability: { tensor: piece.probability, rows: rows.length } };
  });
  const gradients = pieces.flatMap(({ gradient }) => (gradient === null ? [] : [gradient]));
  return {
    gradient: backwards
      ? graph.getRowsBack({
          gradient: gradients.reduce((whole, part) => graph.concat(whole, part, 1)),
          rows: indices(targetRows),
          shape: input,
        })
      : null,
    probabilities: pieces.map(({ probability }) => probability),
    inputs,
  };
}

function lossPiece({
  graph,
  weights: { outputNorm, head },
  epsilon,
  input,
  indices,
  rows,
  mine,
}: LossOptions & {
  indices(values: Int32Array): Tensor;
  rows: Int32Array;
  /** Targets of the rows. */
  mine: Int32Array;
}): { probability: Tensor; gradient(): Tensor } {
  const vocabulary = head.outputs;
  const norm = scaledNorm({
    graph,
    input: graph.getRows(input, indices(rows)),
    weight: outputNorm,
    epsilon,
  });
  const all = graph.softmax(graph.mulMat(head.weight, norm.output));
  const flat = graph.reshape(all, [1, vocabulary * rows.length]);
  return {
    probability: graph.keep(
      graph.getRows(flat, indices(mine.map((target, row) => row * vocabulary + target))),
    ),
    // the gradient of the logits is the probabilities, less 1 at the target: less the head's row of the target
    gradient: () =>
      norm.back(
        graph.subtract(graph.mulMat(head.transposed, all), graph.getRows(head.weight, indices(mine))),
      ),
  };
}

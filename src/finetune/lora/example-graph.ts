/** The whole graph of one example: embedding, blocks, loss, and the way back down to the lowest adapted block. */
import type { Tensor } from "../../engine/llama/graph-builder.ts";
import { GraphBuilder } from "../../engine/llama/graph-builder.ts";
import type { GraphLane } from "../../engine/llama/graph-lane.ts";
import { readTensor, writeTensor } from "../../engine/llama/tensor-shelf.ts";
import { MATRIX_NAMES, type MatrixName } from "../types.ts";
import type { AdapterTensors } from "./adapted-product.ts";
import { attentionPieces } from "./attention.ts";
import { type BlockGraph, blockGraph } from "./block-graph.ts";
import type { DropoutPool } from "./dropout.ts";
import type { FrozenWeights } from "./frozen-weights.ts";
import { lossGraph } from "./loss-graph.ts";
import type { ExampleRows } from "./split-examples.ts";
import type { TrainableModel } from "./trainable-model.ts";

/** Tensors of a block, views and gradients included, without and for each piece of queries. */
const BLOCK_NODES = 400;
const PIECE_NODES = 50;
const LOSS_NODES = 64;
/** Rows of a piece of queries or of logits at least. */
const PIECE_ROWS = 16;
/** Probabilities below are not told apart from 0 in float32: the loss of a target is at most 87. */
const LEAST_PROBABILITY = 2 ** -126;

export interface ExampleRun {
  model: TrainableModel;
  weights: FrozenWeights;
  lane: GraphLane;
  example: ExampleRows;
  adapterOf(layer: number, matrix: MatrixName): AdapterTensors | null;
  lowestAdapted: number;
  /** Null for the loss alone. */
  backwards: { dropout: DropoutPool | null; key: readonly number[] } | null;
  /** Attention in bfloat16. */
  half: boolean;
}

/** Adds the gradients of the example's summed loss to their sums, if asked for, and gives that loss. Throws ENGINE_CRASHED. */
export async function runExample(options: ExampleRun): Promise<number> {
  const { lane, example, model } = options;
  const pieces = Math.ceil(example.tokens.length / PIECE_ROWS);
  const graph = new GraphBuilder({
    nodes: (model.layers + 1) * (BLOCK_NODES + pieces * PIECE_NODES) + LOSS_NODES * pieces,
  });
  try {
    const { inputs, probabilities } = build({ ...options, graph });
    lane.place(graph);
    for (const { tensor, values } of inputs) writeTensor(tensor, values);
    await lane.run(graph);
    let loss = 0;
    for (const { tensor, rows } of probabilities) {
      const values = new Float32Array(rows);
      readTensor(tensor, values);
      for (const value of values) loss -= Math.log(Math.max(value, LEAST_PROBABILITY));
    }
    return loss;
  } finally {
    graph.free();
  }
}

interface Input {
  tensor: Tensor;
  values: Int32Array | Float32Array;
}

function build(options: ExampleRun & { graph: GraphBuilder }) {
  const { graph, model, weights, example, adapterOf, lowestAdapted, backwards, half } = options;
  const { tokens, positions, addition } = example;
  const rows = tokens.length;
  const inputs: Input[] = [];
  const input = (values: Int32Array | Float32Array, shape: readonly [number, number?]): Tensor => {
    const tensor = graph.input({ type: values instanceof Int32Array ? "i32" : "f32", shape: [...shape] });
    inputs.push({ tensor, values });
    return tensor;
  };
  const positionInput = input(positions, [rows]);
  const pieces = attentionPieces({ graph, rows });
  inputs.push(...pieces.masks);
  let stream = graph.getRows(weights.embedding, input(tokens, [rows]));
  const blocks: BlockGraph[] = [];
  for (const [layer, block] of weights.blocks.entries()) {
    const made = blockGraph({
      graph,
      block,
      adapterOf: (matrix) => adapterOf(layer, matrix),
      maskOf: (matrix) => maskOf({ ...options, layer, matrix, inputs }),
      shape: { rows, heads: model.heads, keyHeads: model.keyHeads, headSize: model.headSize },
      pieces,
      positions: positionInput,
      rotation: { ...model.rotation, factors: weights.ropeFactors },
      epsilon: model.epsilon,
      half,
      input: stream,
    });
    blocks.push(made);
    stream = made.output;
    if (addition?.layer === layer) stream = graph.add(stream, input(addition.rows, [model.dModel, rows]));
    graph.expand(stream);
  }
  const loss = lossGraph({
    ...options,
    ...example,
    epsilon: model.epsilon,
    input: stream,
    backwards: backwards !== null,
  });
  inputs.push(...loss.inputs);
  let gradient = loss.gradient;
  for (let layer = blocks.length - 1; gradient !== null && layer >= lowestAdapted; layer--) {
    gradient = blocks[layer]?.back(gradient) ?? null;
  }
  return { inputs, probabilities: loss.probabilities };
}

function maskOf({
  graph,
  weights,
  example,
  adapterOf,
  backwards,
  layer,
  matrix,
  inputs,
}: ExampleRun & { graph: GraphBuilder; layer: number; matrix: MatrixName; inputs: Input[] }): Tensor | null {
  const dropout = backwards?.dropout ?? null;
  const frozen = weights.blocks[layer]?.matrices[matrix];
  if (backwards === null || dropout === null || frozen === undefined || adapterOf(layer, matrix) === null) {
    return null;
  }
  const key = [...backwards.key, example.number, layer, MATRIX_NAMES.indexOf(matrix)];
  const drawn = dropout.mask({ graph, inputs: frozen.inputs, rows: example.tokens.length, key });
  inputs.push(drawn.input);
  return drawn.mask;
}

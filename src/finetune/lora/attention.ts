/**
 * Causal attention of one example with grouped keys, and its backward pass. Queries go in pieces, each over the keys up to its own end:
 * nothing is computed for the half of the square that is masked.
 */
import type { GraphBuilder, Tensor } from "../../engine/llama/graph-builder.ts";

/** ggml's fast products contract over whole vectors of this many numbers. */
const VECTOR = 32;
/** Queries of a piece: smaller skips more of the masked half, larger has fewer and faster products. */
const PIECE = 64;
/** Rows up to which attention weights are kept for the backward pass; above, they would be most of its memory and are computed again. */
const KEPT_ROWS = 384;

export interface AttentionShape {
  rows: number;
  heads: number;
  keyHeads: number;
  headSize: number;
}

/** One piece of queries, `[from, to)`, over keys `[0, keys)`. */
interface Piece {
  from: number;
  to: number;
  keys: number;
  /** `[keys, queries]`, 0 or -Infinity. */
  mask: Tensor;
}

/** The masks of an example's pieces, made once for all blocks. */
export interface AttentionPieces {
  pieces: Piece[];
  /** Rows in whole vectors. */
  paddedRows: number;
  /** Inputs of the graph, and their values. */
  masks: { tensor: Tensor; values: Float32Array }[];
}

function upToVector(rows: number): number {
  return Math.ceil(rows / VECTOR) * VECTOR;
}

export function attentionPieces({ graph, rows }: { graph: GraphBuilder; rows: number }): AttentionPieces {
  const pieces = Array.from({ length: Math.ceil(rows / PIECE) }, (_, index) => {
    const from = index * PIECE;
    const to = Math.min(rows, from + PIECE);
    const keys = upToVector(to);
    return { from, to, keys, mask: graph.input({ type: "f32", shape: [keys, to - from] }) };
  });
  return {
    pieces,
    paddedRows: upToVector(rows),
    masks: pieces.map((piece) => ({ tensor: piece.mask, values: causalMask(piece) })),
  };
}

function causalMask({ from, to, keys }: Piece): Float32Array {
  const values = new Float32Array((to - from) * keys).fill(Number.NEGATIVE_INFINITY);
  for (let query = from; query < to; query++) {
    const start = (query - from) * keys;
    values.fill(0, start, start + query + 1);
  }
  return values;
}

export interface Attention {
  /** `[heads * headSize, rows]` */
  output: Tensor;
  back(gradient: Tensor): AttentionGradients;
}

export interface AttentionGradients {
  /** `[headSize, heads, rows]` */
  queries: Tensor;
  /** `[headSize, keyHeads, rows]` */
  keys: Tensor;
  values: Tensor;
}

interface AttentionOptions {
  graph: GraphBuilder;
  shape: AttentionShape;
  pieces: AttentionPieces;
  /** In bfloat16, else in float32. */
  half: boolean;
  /** Rotated, `[headSize, heads, rows]` */
  queries: Tensor;
  /** Rotated, `[headSize, keyHeads, rows]` */
  keys: Tensor;
  values: Tensor;
}

export function attention(options: AttentionOptions): Attention {
  const { graph, shape, pieces: all, queries } = options;
  const { pieces } = all;
  const { headSize, heads, rows } = shape;
  const scale = 1 / Math.sqrt(headSize);
  const keyRows = headRows({ ...options, of: options.keys });
  const valueRows = headRows({ ...options, of: options.values });
  const weightsOf = ({ from, to, keys, mask }: Piece): Tensor => {
    const scores = graph.mulMat(keyRows.upTo(keys), queriesOf({ graph, shape, of: queries, from, to }));
    return graph.softmax(scores, { mask, scale });
  };
  const weights = pieces.map(weightsOf);
  const mixed = pieces.map(({ keys }, index) =>
    graph.mulMat(valueRows.transposedUpTo(keys), at(weights, index)),
  );
  const byRow = (parts: Tensor[]) => joined({ ...options, parts });
  return {
    output: graph.reshape(byRow(mixed), [headSize * heads, rows]),
    back: (gradient) => {
      const outputs = graph.reshape(gradient, [headSize, heads, rows]);
      const gradients: PieceGradients[] = pieces.map((piece, index) => {
        const weight = rows <= KEPT_ROWS ? at(weights, index) : weightsOf(piece);
        const mine = queriesOf({ graph, shape, of: outputs, ...piece });
        const scores = graph.softmaxBack({
          gradient: graph.mulMat(valueRows.upTo(piece.keys), mine),
          output: weight,
          scale,
        });
        return {
          query: graph.mulMat(keyRows.transposedUpTo(piece.keys), scores),
          key: byKeyHead({
            graph,
            shape,
            piece,
            rows: queriesOf({ graph, shape, of: queries, ...piece }),
            weights: scores,
          }),
          value: byKeyHead({ graph, shape, piece, rows: mine, weights: weight }),
        };
      });
      return {
        queries: byRow(gradients.map(({ query }) => query)),
        keys: summed({ graph, shape, parts: gradients.map(({ key }) => key) }),
        values: summed({ graph, shape, parts: gradients.map(({ value }) => value) }),
      };
    },
  };
}

interface PieceGradients {
  /** `[headSize, queries, heads]` */
  query: Tensor;
  /** `[keys, headSize, keyHeads]` */
  key: Tensor;
  value: Tensor;
}

/** Rows `[from, to)` of each head: `[headSize, rows, heads]`, a view. */
function queriesOf({
  graph,
  shape: { headSize, heads },
  of,
  from,
  to,
}: {
  graph: GraphBuilder;
  shape: AttentionShape;
  of: Tensor;
  from: number;
  to: number;
}): Tensor {
  const row = headSize * heads;
  return graph.view(of, {
    shape: [headSize, to - from, heads],
    strides: [row, headSize],
    offset: from * row,
  });
}

interface HeadRows {
  /** `[headSize, keys, keyHeads]` */
  upTo(keys: number): Tensor;
  /** `[keys, headSize, keyHeads]` */
  transposedUpTo(keys: number): Tensor;
}

/** Keys or values head by head, with zeros up to whole vectors, both ways round. */
function headRows({ graph, shape, pieces, half, of }: AttentionOptions & { of: Tensor }): HeadRows {
  const { headSize, keyHeads, rows } = shape;
  const { paddedRows } = pieces;
  const stored = (tensor: Tensor) => (half ? graph.cast(tensor, "bf16") : tensor);
  const bytes = half ? 2 : 4;
  const byHead = graph.contiguous(graph.permute(of, [0, 2, 1]));
  const padded = graph.padRows(byHead, paddedRows - rows);
  const plain = stored(padded);
  const transposed = stored(graph.contiguous(graph.permute(padded, [1, 0, 2])));
  const plane = paddedRows * headSize;
  return {
    upTo: (keys) =>
      graph.view(plain, { shape: [headSize, keys, keyHeads], strides: [headSize, plane], bytes }),
    transposedUpTo: (keys) =>
      graph.view(transposed, { shape: [keys, headSize, keyHeads], strides: [paddedRows, plane], bytes }),
  };
}

/** From `[headSize, queries, heads]` of each piece to `[headSize, heads, rows]`. */
function joined({
  graph,
  shape: { headSize, heads },
  pieces: { pieces },
  queries,
  parts,
}: AttentionOptions & { parts: Tensor[] }): Tensor {
  // only the memory of the copy matters: every part of it is written over
  return parts.reduce(
    (whole, part, index) =>
      graph.setPlanes(whole, graph.permute(part, [0, 2, 1]), {
        shape: [headSize, heads],
        from: at(pieces, index).from,
      }),
    graph.contiguous(queries),
  );
}

/**
 * The sum over a piece's queries, of all heads that share a key: `[keys, headSize, keyHeads]`. Keys are innermost because ggml's outer product
 * is the faster the longer its rows are.
 */
function byKeyHead({
  graph,
  shape: { headSize, heads, keyHeads },
  piece: { from, to, keys },
  rows,
  weights,
}: {
  graph: GraphBuilder;
  shape: AttentionShape;
  piece: Piece;
  /** `[headSize, queries, heads]` */
  rows: Tensor;
  /** `[keys, queries, heads]` */
  weights: Tensor;
}): Tensor {
  const shared = ((to - from) * heads) / keyHeads;
  return graph.outProduct(
    graph.reshape(weights, [keys, shared, keyHeads]),
    graph.reshape(graph.contiguous(rows), [headSize, shared, keyHeads]),
  );
}

/** The sum over pieces: `[headSize, keyHeads, rows]`. */
function summed({
  graph,
  shape: { headSize, keyHeads, rows },
  parts,
}: {
  graph: GraphBuilder;
  shape: AttentionShape;
  parts: Tensor[];
}): Tensor {
  const paddedRows = upToVector(rows);
  // the last piece sees all keys: the others are added into its memory
  const whole = parts.toReversed().reduce((sum, part) => graph.accumulate(sum, part, [paddedRows, headSize]));
  const plain = graph.view(whole, {
    shape: [rows, headSize, keyHeads],
    strides: [paddedRows, headSize * paddedRows],
  });
  return graph.contiguous(graph.permute(plain, [2, 0, 1]));
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no item ${index}`);
  return item;
}

/** What passes between the parts of fine-tuning: the matrices that LoRA can adapt, examples, and the packed rows of one step. */

/** The matrices of a Llama-family block, by their GGUF names. */
export const MATRIX_NAMES = [
  "attn_q",
  "attn_k",
  "attn_v",
  "attn_output",
  "ffn_gate",
  "ffn_up",
  "ffn_down",
] as const;
export type MatrixName = (typeof MATRIX_NAMES)[number];

export interface LoraShape {
  rank: number;
  /** The product of the two factors is scaled by `alpha / rank`. */
  alpha: number;
  /** Chance that an input feature of an adapter is zeroed during training. */
  dropout: number;
  matrices: readonly MatrixName[];
  /** Adapted blocks, ascending. */
  layers: readonly number[];
}

/** The two factors of one matrix: `delta W = (alpha / rank) B A`, as in PEFT. */
export interface LoraFactors {
  layer: number;
  matrix: MatrixName;
  /** `[rank, inputs]`, row-major. */
  a: Float32Array;
  /** `[outputs, rank]`, row-major. */
  b: Float32Array;
}

/** One example in tokens: the rendered chat, the answer and its end token. */
export interface TokenisedExample {
  id: string;
  tokens: Int32Array;
  /** `[tokens]`, 1 where the token is a target of the loss. The prompt and an off-topic start are not. */
  trained: Uint8Array;
}

/** Several examples laid end to end. A row sees only earlier rows of its own example. */
export interface PackedRows {
  /** `[rows]` */
  tokens: Int32Array;
  /** `[rows]`, from 0 in each example. */
  positions: Int32Array;
  /** `[rows]`, the example's number, ascending. */
  examples: Int32Array;
  /** `[rows]`, the next token of the example; -1 where the row has no loss. */
  targets: Int32Array;
  /** Added to the residual stream at the output of one block (resistance training), or null. */
  addition: { layer: number; rows: Float32Array } | null;
}

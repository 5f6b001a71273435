/**
 * The last step of a model applied to directions of its residual stream: which tokens a direction promotes and suppresses. The rows of the
 * unembedding are read from the file in pieces, dequantised by ggml itself, and multiplied by ggml; llama.cpp hands out no tensor by name.
 */
import { setImmediate } from "node:timers/promises";
import { CountersteerError } from "../../errors.ts";
import { type GgufMatrix, type GgufTensors, readGgufTensors } from "../../model/gguf-tensors.ts";
import { readFloatRows } from "./float-rows.ts";
import { RankTable, type TokenRanks } from "./rank-table.ts";
import { UnembeddingProduct } from "./unembedding-product.ts";

/** Numbers of a piece of the unembedding, and of one product. */
const PIECE_NUMBERS = 2 ** 22;
const OUTPUT_NUMBERS = 2 ** 22;

export interface RankTokensOptions {
  /** `[count of directions, d_model]`, row-major. */
  directions: Float32Array;
  /** Tokens of each list. */
  count: number;
  signal?: AbortSignal | undefined;
  /** Called with the share of the vocabulary that is done, 0-1. */
  onProgress?: ((share: number) => void) | undefined;
}

export interface UnembeddingOptions {
  /** GGUF file. */
  path: string;
  threads: number;
}

/** Throws MODEL_UNREADABLE, and MODEL_UNSUPPORTED where the file has no final norm and unembedding of the kind that is known. */
export async function openUnembedding({ path, threads }: UnembeddingOptions): Promise<Unembedding> {
  const tensors = await readGgufTensors({ path });
  const matrix = tensors.find("output.weight") ?? tensors.find("token_embd.weight");
  const norm = tensors.find("output_norm.weight");
  if (matrix === undefined || norm?.columns !== matrix.columns) {
    throw new CountersteerError("MODEL_UNSUPPORTED", {
      what: `${path} does not tell which tokens a direction promotes.`,
      why: "It lacks output_norm.weight, or both output.weight and token_embd.weight.",
      todo: "Use a GGUF file of a language model that is in one piece.",
      facts: { path },
    });
  }
  const scale = await readFloatRows({ path, matrix: norm, start: 0, count: 1 });
  // a norm with a bias is LayerNorm, which takes the mean of the row away
  return new Unembedding({
    tensors,
    matrix,
    scale,
    centred: tensors.find("output_norm.bias") !== undefined,
    threads,
  });
}

export class Unembedding {
  readonly dModel: number;
  readonly vocabulary: number;
  /** The vocabulary as the tokenizer spells it. */
  readonly tokens: readonly string[];
  readonly #path: string;
  readonly #matrix: GgufMatrix;
  readonly #scale: Float32Array;
  readonly #centred: boolean;
  readonly #threads: number;

  constructor({
    tensors,
    matrix,
    scale,
    centred,
    threads,
  }: {
    tensors: GgufTensors;
    matrix: GgufMatrix;
    scale: Float32Array;
    centred: boolean;
    threads: number;
  }) {
    this.dModel = matrix.columns;
    this.vocabulary = matrix.rows;
    this.tokens = tensors.tokens;
    this.#path = tensors.path;
    this.#matrix = matrix;
    this.#scale = scale;
    this.#centred = centred;
    this.#threads = threads;
  }

  /** Rows of the unembedding as float32, `[count, d_model]`. */
  rows({ start, count }: { start: number; count: number }): Promise<Float32Array> {
    return readFloatRows({ path: this.#path, matrix: this.#matrix, start, count });
  }

  /** `direction * norm scale . W_U`, ranked over the vocabulary. Throws ENGINE_CRASHED, and the signal's reason. */
  async rankTokens({ directions, count, signal, onProgress }: RankTokensOptions): Promise<TokenRanks> {
    const total = directions.length / this.dModel;
    const scaled = this.#normed(directions);
    const ranks = new RankTable({ rows: total, count });
    const pieceRows = Math.max(1, Math.min(this.vocabulary, Math.floor(PIECE_NUMBERS / this.dModel)));
    const batch = Math.max(1, Math.min(total, Math.floor(OUTPUT_NUMBERS / pieceRows)));
    using product = new UnembeddingProduct({
      columns: this.dModel,
      rows: pieceRows,
      batch,
      threads: this.#threads,
    });
    for (let start = 0; start < this.vocabulary; start += pieceRows) {
      const rows = Math.min(pieceRows, this.vocabulary - start);
      product.setRows(await this.rows({ start, count: rows }));
      for (let first = 0; first < total; first += batch) {
        const some = Math.min(batch, total - first);
        const logits = product.run(scaled.subarray(first * this.dModel, (first + some) * this.dModel));
        for (let i = 0; i < some; i++) {
          ranks.offer({
            row: first + i,
            values: logits.subarray(i * pieceRows, i * pieceRows + rows),
            start,
          });
        }
        // the product blocks the thread: let an interruption through
        await setImmediate();
        signal?.throwIfAborted();
      }
      onProgress?.((start + rows) / this.vocabulary);
    }
    return ranks.finish(this.vocabulary);
  }

  #normed(directions: Float32Array): Float32Array {
    const { dModel } = this;
    const scaled = new Float32Array(directions.length);
    for (let start = 0; start < directions.length; start += dModel) {
      const row = directions.subarray(start, start + dModel);
      const mean = this.#centred ? row.reduce((sum, value) => sum + value, 0) / dModel : 0;
      for (let i = 0; i < dModel; i++) scaled[start + i] = ((row[i] ?? 0) - mean) * (this.#scale[i] ?? 0);
    }
    return scaled;
  }
}

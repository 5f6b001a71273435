/** Where a dictionary's weights come from, and what is folded into them on the way. Letters: D d_model, L latents. */
import { readRows, readVector } from "./read-rows.ts";
import { type StoredTensor, transposed } from "./stored-tensor.ts";

/** Reads of one format. What comes back is fresh. */
export interface WeightSource {
  /** Decoder directions, `[n, D]`. */
  decoderRows(latents: ArrayLike<number>): Float32Array;
  /** Encoder rows, `[n, D]`. */
  encoderRows(latents: ArrayLike<number>): Float32Array;
  /** `[L]` */
  bEnc(): Float32Array;
  /** `[D]` */
  bDec(): Float32Array;
  /** `[L]`; null unless JumpReLU. */
  thresholds(): Float32Array | null;
  /** Each `[L]`; null unless gated. */
  magnitudes(): { bias: Float32Array; logScale: Float32Array } | null;
}

/** Tensors by the part they play; matrices as `[D, L]` or `[L, D]`, whichever the format has. */
export interface WeightTensors {
  encoder: StoredTensor;
  decoder: StoredTensor;
  bEnc: StoredTensor;
  bDec: StoredTensor;
  thresholds?: StoredTensor;
  magnitudes?: { bias: StoredTensor; logScale: StoredTensor };
}

/** @param encoderIsTransposed the encoder lies as `[D, L]` @param decoderIsTransposed likewise */
export function storedWeights({
  tensors,
  encoderIsTransposed = false,
  decoderIsTransposed = false,
}: {
  tensors: WeightTensors;
  encoderIsTransposed?: boolean;
  decoderIsTransposed?: boolean;
}): WeightSource {
  const encoder = encoderIsTransposed ? transposed(tensors.encoder) : tensors.encoder;
  const decoder = decoderIsTransposed ? transposed(tensors.decoder) : tensors.decoder;
  const { bEnc, bDec, thresholds, magnitudes } = tensors;
  return {
    decoderRows: (rows) => readRows({ tensor: decoder, rows }),
    encoderRows: (rows) => readRows({ tensor: encoder, rows }),
    bEnc: () => readVector(bEnc),
    bDec: () => readVector(bDec),
    thresholds: () => (thresholds === undefined ? null : readVector(thresholds)),
    magnitudes: () =>
      magnitudes === undefined
        ? null
        : { bias: readVector(magnitudes.bias), logScale: readVector(magnitudes.logScale) },
  };
}

/**
 * Folds the factor by which activations were scaled before training: the dictionary then reads and writes the residual stream as it is.
 * @param scale inputs were multiplied by it
 */
export function foldInputScale({ source, scale }: { source: WeightSource; scale: number }): WeightSource {
  return {
    ...source,
    encoderRows: (latents) => source.encoderRows(latents).map((weight) => weight * scale),
    decoderRows: (latents) => source.decoderRows(latents).map((weight) => weight / scale),
    bDec: () => source.bDec().map((bias) => bias / scale),
  };
}

/** Latents whose norms are read at once. */
const NORM_BLOCK = 1024;

/**
 * Folds the norms of the decoder directions into the encoder: directions become unit vectors and pre-activations grow by the norm, so that
 * what the latents write stays the same. SAELens' `rescale_acts_by_decoder_norm` means the same numbers.
 */
export function foldDecoderNorms({
  source,
  latents: count,
  dModel,
}: {
  source: WeightSource;
  latents: number;
  dModel: number;
}): WeightSource {
  function normsOf(latents: ArrayLike<number>): Float32Array {
    const rows = source.decoderRows(latents);
    return Float32Array.from({ length: latents.length }, (_, i) => norm(rows, i * dModel, dModel));
  }
  function scaled(rows: Float32Array, factors: Float32Array): Float32Array {
    return rows.map((weight, i) => weight * (factors[Math.floor(i / dModel)] ?? 0));
  }
  return {
    ...source,
    encoderRows: (latents) => scaled(source.encoderRows(latents), normsOf(latents)),
    decoderRows(latents) {
      const rows = source.decoderRows(latents);
      for (let start = 0; start < rows.length; start += dModel) {
        const length = norm(rows, start, dModel);
        for (let i = start; i < start + dModel; i++) rows[i] = (rows[i] ?? 0) / length;
      }
      return rows;
    },
    bEnc() {
      const biases = source.bEnc();
      for (let first = 0; first < count; first += NORM_BLOCK) {
        const block = Int32Array.from({ length: Math.min(NORM_BLOCK, count - first) }, (_, i) => first + i);
        normsOf(block).forEach((length, i) => {
          biases[first + i] = (biases[first + i] ?? 0) * length;
        });
      }
      return biases;
    },
  };
}

/** As float32, which is what SAELens multiplies by. */
function norm(rows: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += (rows[i] ?? 0) ** 2;
  return Math.fround(Math.sqrt(sum));
}

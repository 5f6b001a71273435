/** A dictionary whose weights are in memory, as training leaves them. */
import { createHash } from "node:crypto";
import type { Dictionary, DictionaryFacts } from "./dictionary.ts";
import { dictionaryOver } from "./weight-dictionary.ts";

export interface MemoryWeights {
  /** `[latents, d_model]` */
  encoder: Float32Array;
  /** `[latents, d_model]` */
  decoder: Float32Array;
  /** `[latents]`; `b_gate` of a gated SAE */
  encoderBias: Float32Array;
  /** `[d_model]` */
  decoderBias: Float32Array;
  /** `[latents]`, for JumpReLU */
  thresholds?: Float32Array;
  /** Each `[latents]`, for gated */
  magnitudes?: { bias: Float32Array; logScale: Float32Array };
}

export interface MemoryDictionaryOptions {
  facts: Pick<
    DictionaryFacts,
    "architecture" | "k" | "layer" | "hookName" | "modelName" | "applyBDecToInput"
  > & {
    /** What messages call it. @default "the dictionary in memory" */
    path?: string;
  };
  weights: MemoryWeights;
}

/** Throws RangeError for arrays that don't fit each other. */
export function memoryDictionary({ facts, weights }: MemoryDictionaryOptions): Dictionary {
  const { encoder, decoder, encoderBias, decoderBias, thresholds = null, magnitudes = null } = weights;
  const latents = encoderBias.length;
  const dModel = decoderBias.length;
  const sizes: [string, Float32Array | null, number][] = [
    ["encoder", encoder, latents * dModel],
    ["decoder", decoder, latents * dModel],
    ["thresholds", thresholds, latents],
    ["magnitudes.bias", magnitudes?.bias ?? null, latents],
    ["magnitudes.logScale", magnitudes?.logScale ?? null, latents],
  ];
  for (const [name, values, expected] of sizes) {
    if (values !== null && values.length !== expected) {
      throw new RangeError(`${name} has ${values.length} numbers, not ${expected}`);
    }
  }
  const missesPart =
    (facts.architecture === "jumprelu" && thresholds === null) ||
    (facts.architecture === "gated" && magnitudes === null) ||
    (facts.architecture === "topk" && facts.k === null);
  if (missesPart)
    throw new RangeError(`a ${facts.architecture} dictionary lacks its thresholds, magnitudes or k`);

  function rowsOf(matrix: Float32Array, wanted: ArrayLike<number>): Float32Array {
    const rows = new Float32Array(wanted.length * dModel);
    for (let i = 0; i < wanted.length; i++) {
      const start = (wanted[i] ?? 0) * dModel;
      rows.set(matrix.subarray(start, start + dModel), i * dModel);
    }
    return rows;
  }

  const whole: DictionaryFacts = {
    path: "the dictionary in memory",
    ...facts,
    format: "memory",
    files: [],
    dtype: "float32",
    folded: false,
    dModel,
    latents,
  };
  return dictionaryOver({
    facts: whole,
    hash() {
      const hash = createHash("sha256").update(JSON.stringify(whole));
      for (const values of [
        encoder,
        decoder,
        encoderBias,
        decoderBias,
        thresholds,
        magnitudes?.bias,
        magnitudes?.logScale,
      ]) {
        if (values) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
      return hash.digest("hex");
    },
    source: {
      encoderRows: (wanted) => rowsOf(encoder, wanted),
      decoderRows: (wanted) => rowsOf(decoder, wanted),
      bEnc: () => encoderBias,
      bDec: () => decoderBias,
      thresholds: () => (facts.architecture === "jumprelu" ? thresholds : null),
      magnitudes: () => (facts.architecture === "gated" ? magnitudes : null),
    },
    close: () => undefined,
  });
}

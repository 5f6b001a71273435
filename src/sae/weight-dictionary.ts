/** The one implementation of `Dictionary`; a format only has to say where its weights are. */
import { checkLatent, type Dictionary, type DictionaryFacts, type LatentBlock } from "./dictionary.ts";
import { hashFiles } from "./hash-files.ts";
import { unreadable } from "./sae-errors.ts";
import type { WeightSource } from "./weight-source.ts";

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Rows by latent, each read once. */
class RowCache {
  readonly #rows = new Map<number, Float32Array>();
  readonly #dModel: number;
  readonly #read: (latents: readonly number[]) => Float32Array;

  constructor({ dModel, read }: { dModel: number; read: (latents: readonly number[]) => Float32Array }) {
    this.#dModel = dModel;
    this.#read = read;
  }

  fetch(latents: readonly number[]): void {
    const missing = [...new Set(latents)].filter((latent) => !this.#rows.has(latent));
    if (missing.length > 0) this.put(missing, this.#read(missing));
  }

  /** Keeps the rows of a matrix, of which they stay parts. */
  put(latents: Iterable<number>, matrix: Float32Array): void {
    let at = 0;
    for (const latent of latents) {
      this.#rows.set(latent, matrix.subarray(at, at + this.#dModel));
      at += this.#dModel;
    }
  }

  row(latent: number): Float32Array {
    const known = this.#rows.get(latent);
    if (known !== undefined) return known;
    const row = this.#read([latent]);
    this.#rows.set(latent, row);
    return row;
  }
}

/** @param hash of configuration and weights; the files' where none is given @param close what to close with the dictionary */
export function dictionaryOver({
  facts,
  source,
  hash = () => hashFiles({ paths: facts.files }),
  close,
}: {
  facts: DictionaryFacts;
  source: WeightSource;
  hash?: () => string;
  close: () => void;
}): Dictionary {
  const { latents, dModel, applyBDecToInput, path, architecture } = facts;
  const effective = new Map<number, number>();
  let matrix: Float32Array | null = null;

  function finite({ name, values }: { name: string; values: Float32Array }): Float32Array {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at === -1) return values;
    throw unreadable({
      path,
      why: `${name} holds ${values[at]} at element ${at}.`,
      facts: { tensor: name, element: at },
    });
  }

  function finiteRows(name: string, rows: Float32Array, latentAt: (row: number) => number): Float32Array {
    const at = rows.findIndex((value) => !Number.isFinite(value));
    if (at === -1) return rows;
    const latent = latentAt(Math.floor(at / dModel));
    const element = at % dModel;
    throw unreadable({
      path,
      why: `${name} of latent ${latent} holds ${rows[at]} at element ${element}.`,
      facts: { tensor: name, latent, element },
    });
  }

  const readDirections = (wanted: readonly number[]) => {
    for (const latent of wanted) checkLatent({ facts, latent });
    return finiteRows("W_dec", source.decoderRows(wanted), (row) => wanted[row] ?? 0);
  };
  const readEncoder = (wanted: readonly number[]) => {
    for (const latent of wanted) checkLatent({ facts, latent });
    return finiteRows("W_enc", source.encoderRows(wanted), (row) => wanted[row] ?? 0);
  };
  const directions = new RowCache({ dModel, read: readDirections });
  const encoder = new RowCache({ dModel, read: readEncoder });

  const bEnc = once(() => finite({ name: "b_enc", values: source.bEnc() }));
  const bDec = once(() => finite({ name: "b_dec", values: source.bDec() }));
  const thresholds = once(() => {
    const values = source.thresholds();
    return values === null ? null : finite({ name: "threshold", values });
  });
  const magnitudes = once(() => {
    const read = source.magnitudes();
    if (read === null) return null;
    const bias = finite({ name: "b_mag", values: read.bias });
    const logScale = finite({ name: "r_mag", values: read.logScale });
    finite({ name: "exp(r_mag)", values: logScale.map(Math.exp) });
    return { bias, logScale };
  });
  const gates = once(() => {
    const { bias, logScale } = magnitudes() ?? { bias: [], logScale: [] };
    const scale = Float64Array.from(logScale, Math.exp);
    return { scale, offset: Float64Array.from(bias, (b, i) => b - (scale[i] ?? 0) * (bEnc()[i] ?? 0)) };
  });

  function encoderBias(latent: number): number {
    checkLatent({ facts, latent });
    return bEnc()[latent] ?? 0;
  }

  function effectiveBias(latent: number): number {
    if (!applyBDecToInput) return encoderBias(latent);
    const known = effective.get(latent);
    if (known !== undefined) return known;
    const bias = encoderBias(latent) - dot(bDec(), encoder.row(latent));
    // finite weights may still be too large for their product
    finite({ name: `effective bias of latent ${latent}`, values: Float32Array.of(bias) });
    effective.set(latent, bias);
    return bias;
  }

  function encoderMatrix(): Float32Array {
    if (matrix === null) {
      matrix = readEncoder(Array.from({ length: latents }, (_, latent) => latent));
      encoder.put(Array(latents).keys(), matrix);
    }
    return matrix;
  }

  function blockOf({ first, count }: LatentBlock): number[] {
    return Array.from({ length: count }, (_, i) => first + i);
  }

  return {
    ...facts,
    hash: once(hash),
    direction: (latent) => directions.row(latent),
    encoderRow: (latent) => encoder.row(latent),
    prefetchDirections: (wanted) => directions.fetch(wanted),
    prefetchEncoder: (wanted) => encoder.fetch(wanted),
    directionBlock: (block) => readDirections(blockOf(block)),
    encoderBlock: (block) => readEncoder(blockOf(block)),
    encoderBiases: bEnc,
    encoderBias,
    effectiveBias,
    effectiveBiases: once(() => {
      encoderMatrix();
      return Float32Array.from({ length: latents }, (_, latent) => effectiveBias(latent));
    }),
    thresholds,
    threshold(latent) {
      checkLatent({ facts, latent });
      return thresholds()?.[latent] ?? 0;
    },
    magnitudes,
    valueOf(latent, pre) {
      if (!(pre > 0)) return 0;
      if (architecture === "gated") {
        const { scale, offset } = gates();
        return Math.max(0, (scale[latent] ?? 0) * pre + (offset[latent] ?? 0));
      }
      return pre > (thresholds()?.[latent] ?? 0) ? pre : 0;
    },
    bDec,
    encoderMatrix,
    close,
  };
}

/** The one implementation of `Dictionary`; a format only has to say where its weights are. */
import { checkLatent, type Dictionary, type DictionaryFacts } from "./dictionary.ts";
import { unreadable } from "./safetensors-header.ts";

/** Reads of one format; called at most once for each answer, because answers are cached. */
export interface WeightSource {
  hash(): string;
  /** `[d_model]` */
  decoderRow(latent: number): Float32Array;
  /** `[d_model]` */
  encoderRow(latent: number): Float32Array;
  /** `[latents, d_model]` */
  encoderMatrix(): Float32Array;
  /** `[latents]` */
  bEnc(): Float32Array;
  /** `[d_model]` */
  bDec(): Float32Array;
  /** `[latents]`, null unless JumpReLU */
  thresholds(): Float32Array | null;
  close(): void;
}

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

export function dictionaryOver({
  facts,
  source,
}: {
  facts: DictionaryFacts;
  source: WeightSource;
}): Dictionary {
  const { latents, dModel, applyBDecToInput, path } = facts;
  const directions = new Map<number, Float32Array>();
  const encoderRows = new Map<number, Float32Array>();
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

  const bEnc = once(() => finite({ name: "b_enc", values: source.bEnc() }));
  const bDec = once(() => finite({ name: "b_dec", values: source.bDec() }));
  const thresholds = once(() => {
    const values = source.thresholds();
    return values === null ? null : finite({ name: "threshold", values });
  });

  function cachedRow({
    cache,
    latent,
    read,
  }: {
    cache: Map<number, Float32Array>;
    latent: number;
    read: () => Float32Array;
  }): Float32Array {
    const known = cache.get(latent);
    if (known !== undefined) return known;
    checkLatent({ facts, latent });
    const row = read();
    cache.set(latent, row);
    return row;
  }

  function encoderRow(latent: number): Float32Array {
    const all = matrix;
    return cachedRow({
      cache: encoderRows,
      latent,
      read: () =>
        all === null
          ? finite({ name: `W_enc of latent ${latent}`, values: source.encoderRow(latent) })
          : all.subarray(latent * dModel, (latent + 1) * dModel),
    });
  }

  function encoderBias(latent: number): number {
    checkLatent({ facts, latent });
    return bEnc()[latent] ?? 0;
  }

  function effectiveBias(latent: number): number {
    if (!applyBDecToInput) return encoderBias(latent);
    const known = effective.get(latent);
    if (known !== undefined) return known;
    const bias = encoderBias(latent) - dot(bDec(), encoderRow(latent));
    effective.set(latent, bias);
    return bias;
  }

  function encoderMatrix(): Float32Array {
    matrix ??= finite({ name: "W_enc", values: source.encoderMatrix() });
    return matrix;
  }

  return {
    ...facts,
    hash: once(() => source.hash()),
    direction: (latent) =>
      cachedRow({
        cache: directions,
        latent,
        read: () => finite({ name: `W_dec of latent ${latent}`, values: source.decoderRow(latent) }),
      }),
    encoderRow,
    encoderBias,
    effectiveBias,
    effectiveBiases: once(() => {
      encoderMatrix();
      return Float32Array.from({ length: latents }, (_, latent) => effectiveBias(latent));
    }),
    threshold(latent) {
      checkLatent({ facts, latent });
      return thresholds()?.[latent] ?? 0;
    },
    bDec,
    encoderMatrix,
    close: () => source.close(),
  };
}

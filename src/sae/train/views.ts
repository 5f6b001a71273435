/** Typed views of the training memory, and the first weights in it. */
import { geometricMedian, meanRow } from "./centre.ts";
import type { Layout } from "./layout.ts";
import { normalStream } from "./random.ts";
import type { TrainSettings } from "./settings.ts";
import type { InitialWeights } from "./trainer-types.ts";

export interface Views {
  encoder: Float32Array;
  decoder: Float32Array;
  encoderBias: Float32Array;
  /** The decoder bias with its two moments. */
  decoderBias: Float32Array;
  lastActive: Int32Array;
  floats(at: number, length: number): Float32Array;
  ints(at: number, length: number): Int32Array;
}

export function viewsOf({ memory, layout }: { memory: ArrayBufferLike; layout: Layout }): Views {
  const floats = (at: number, length: number) => new Float32Array(memory, at, length);
  const ints = (at: number, length: number) => new Int32Array(memory, at, length);
  const { encoder, decoder, encoderBias, decoderBias, lastActiveAt, latents } = layout;
  return {
    encoder: floats(encoder.at, encoder.size),
    decoder: floats(decoder.at, decoder.size),
    encoderBias: floats(encoderBias.at, encoderBias.size),
    decoderBias: floats(decoderBias.at, 3 * decoderBias.size),
    lastActive: ints(lastActiveAt, latents),
    floats,
    ints,
  };
}

/** Decoder: random unit directions. Encoder: the same, scaled. Biases: 0, and the middle of the scaled first rows. */
export function initialise({
  views,
  layout,
  settings,
  rows,
  scale,
}: {
  views: Views;
  layout: Layout;
  settings: TrainSettings;
  /** The first batch, `[n, d_model]`, as it came. */
  rows: Float32Array;
  scale: number;
}): void {
  const { latents, dModel, columns } = layout;
  const normal = normalStream({ seed: settings.seed });
  for (let latent = 0; latent < latents; latent++) {
    const direction = Float64Array.from({ length: dModel }, normal);
    const norm = Math.hypot(...direction);
    for (let c = 0; c < dModel; c++) {
      const value = (direction[c] ?? 0) / norm;
      views.decoder[latent * columns + c] = value;
      views.encoder[latent * columns + c] = value * settings.encoderInitScale;
    }
  }
  if (settings.biasInit === "zero") return;
  const middle = settings.biasInit === "mean" ? meanRow : geometricMedian;
  middle({ rows, dModel }).forEach((value, c) => {
    views.decoderBias[c] = value * scale;
  });
}

/** Puts given weights into memory. Throws RangeError for other sizes than the layout's. */
export function putWeights({
  views,
  layout,
  initial,
  scale,
}: {
  views: Views;
  layout: Layout;
  initial: InitialWeights;
  scale: number;
}): void {
  const { latents, dModel, columns } = layout;
  const { encoder, decoder, encoderBias, decoderBias } = initial;
  const sizes = [encoder.length, decoder.length, encoderBias.length, decoderBias.length];
  const expected = [latents * dModel, latents * dModel, latents, dModel];
  if (sizes.some((size, i) => size !== expected[i])) {
    throw new RangeError(`initial weights have the sizes ${sizes}, not ${expected}`);
  }
  for (let latent = 0; latent < latents; latent++) {
    const from = latent * dModel;
    views.encoder.set(encoder.subarray(from, from + dModel), latent * columns);
    views.decoder.set(decoder.subarray(from, from + dModel), latent * columns);
  }
  for (let latent = 0; latent < latents; latent++)
    views.encoderBias[latent] = (encoderBias[latent] ?? 0) * scale;
  for (let c = 0; c < dModel; c++) views.decoderBias[c] = (decoderBias[c] ?? 0) * scale;
}

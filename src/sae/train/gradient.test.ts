/** The gradient that a step uses, against differences of a loss in plain float64: Adam's first moment after one step is (1 - beta1) times it. */
import { describe, expect, test } from "vitest";
import { sparseRows } from "../../../test/support/sae-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openSafetensors } from "../safetensors.ts";
import { planLayout } from "./layout.ts";
import { openPlainProduct } from "./plain-product.ts";
import { readTrainSettings } from "./settings.ts";
import { openTrainer } from "./trainer.ts";
import type { InitialWeights } from "./trainer-types.ts";

const [DIM, LATENTS, K, ROWS] = [16, 32, 3, 24];
const settings = readTrainSettings({
  latents: LATENTS,
  k: K,
  batchRows: ROWS,
  totalRows: ROWS,
  normaliseRows: false,
  learningRate: 1e-3,
});
const rows = await sparseRows({ dModel: DIM, causes: 20, active: 3, seed: 9 }).next({ max: ROWS });
const wave = (length: number, pace: number) =>
  Float32Array.from({ length }, (_, at) => Math.sin(pace * (at + 1)) / 3);
const decoder = wave(LATENTS * DIM, 2.7);
for (let latent = 0; latent < LATENTS; latent++) {
  const row = decoder.subarray(latent * DIM, (latent + 1) * DIM);
  const norm = Math.hypot(...row);
  row.forEach((value, c) => {
    row[c] = value / norm;
  });
}
const initial: InitialWeights = {
  encoder: wave(LATENTS * DIM, 1.3),
  decoder,
  encoderBias: wave(LATENTS, 0.7),
  decoderBias: wave(DIM, 0.4),
};

type Weights = Record<keyof InitialWeights, Float64Array>;
const doubled = (): Weights => ({
  encoder: Float64Array.from(initial.encoder),
  decoder: Float64Array.from(initial.decoder),
  encoderBias: Float64Array.from(initial.encoderBias),
  decoderBias: Float64Array.from(initial.decoderBias),
});

/** Mean over the rows of the squared error of the TopK reconstruction. */
function lossOf({ encoder, decoder, encoderBias, decoderBias }: Weights): number {
  let total = 0;
  for (let row = 0; row < ROWS; row++) {
    const centred = Array.from(decoderBias, (bias, c) => (rows[row * DIM + c] ?? 0) - bias);
    const pre = Array.from(encoderBias, (bias, latent) =>
      centred.reduce((sum, x, c) => sum + x * (encoder[latent * DIM + c] ?? 0), bias),
    );
    const least = pre.toSorted((a, b) => b - a)[K - 1] ?? 0;
    const active = pre.map((value) => (value >= least ? Math.max(value, 0) : 0));
    for (let c = 0; c < DIM; c++) {
      const sum = active.reduce((all, value, latent) => all + value * (decoder[latent * DIM + c] ?? 0), 0);
      total += (sum - (centred[c] ?? 0)) ** 2;
    }
  }
  return total / ROWS;
}

function difference(name: keyof InitialWeights, at: number): number {
  const step = 1e-5;
  const moved = (by: number) => {
    const weights = doubled();
    weights[name][at] = (weights[name][at] ?? 0) + by;
    return lossOf(weights);
  };
  return (moved(step) - moved(-step)) / (2 * step);
}

async function firstMoments(): Promise<Record<keyof InitialWeights, (at: number) => number>> {
  await using folder = await temporaryFolder();
  const trainer = await openTrainer({
    settings,
    initial,
    source: sparseRows({ dModel: DIM, causes: 20, active: 3, seed: 9 }),
    product: openPlainProduct,
    precision: "float32",
    workers: 1,
    folder: folder.path,
  });
  await trainer.run();
  await trainer.close();
  const layout = planLayout({ settings, dModel: DIM, threads: 1 });
  const file = openSafetensors({ path: `${folder.path}/checkpoint-00000001.safetensors` });
  const state = file.readTensor("state");
  file.close();
  const moment = ({ at, size }: { at: number; size: number }, index: number) =>
    (state[at / 4 + size + index] ?? Number.NaN) / (1 - settings.beta1);
  const padded = (index: number) => Math.floor(index / DIM) * layout.columns + (index % DIM);
  return {
    encoder: (at) => moment(layout.encoder, padded(at)),
    decoder: (at) => moment(layout.decoder, padded(at)),
    encoderBias: (at) => moment(layout.encoderBias, at),
    decoderBias: (at) => moment(layout.decoderBias, at),
  };
}

describe("the gradient", async () => {
  const moments = await firstMoments();

  test.each(["encoder", "encoderBias", "decoderBias"] as const)("of the %s is the loss's", (name) => {
    for (let at = 0; at < initial[name].length; at += name === "encoder" ? 5 : 1) {
      expect(moments[name](at), `${name} ${at}`).toBeCloseTo(difference(name, at), 3);
    }
  });

  test("of the decoder is the loss's, less its part along each direction", () => {
    for (let latent = 0; latent < LATENTS; latent++) {
      const raw = Array.from({ length: DIM }, (_, c) => difference("decoder", latent * DIM + c));
      const along = raw.reduce((sum, value, c) => sum + value * (decoder[latent * DIM + c] ?? 0), 0);
      raw.forEach((value, c) => {
        const expected = value - along * (decoder[latent * DIM + c] ?? 0);
        expect(moments.decoder(latent * DIM + c), `decoder ${latent}, ${c}`).toBeCloseTo(expected, 3);
      });
    }
  });
});

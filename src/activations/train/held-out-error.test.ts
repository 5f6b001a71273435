import { expect, it } from "vitest";
import { openPlainProduct } from "../../sae/train/plain-product.ts";
import type { TrainedWeights } from "../../sae/train/trainer-types.ts";
import { createRng } from "../../stats/rng.ts";
import { HeldOutError } from "./held-out-error.ts";

const D_MODEL = 12;
const LATENTS = 32;
const K = 4;
/** More than one block of the product, the last one not full. */
const ROWS = 300;

function random(count: number, stream: number, scale = 1): Float32Array {
  const rng = createRng({ seed: 11, stream });
  return Float32Array.from({ length: count }, () => scale * (rng.next() - 0.5));
}

function made(threshold: number | null): TrainedWeights {
  return {
    dModel: D_MODEL,
    latents: LATENTS,
    encoder: random(LATENTS * D_MODEL, 1),
    decoder: random(LATENTS * D_MODEL, 2),
    encoderBias: random(LATENTS, 3),
    decoderBias: random(D_MODEL, 4, 2),
    threshold,
  };
}

/** The same by the definition, one row after the other in double precision. */
function reference({ weights, rows }: { weights: TrainedWeights; rows: Float32Array }) {
  const { encoder, decoder, encoderBias, decoderBias, threshold } = weights;
  const columns = Array.from({ length: D_MODEL }, (_, i) => i);
  const mean = columns.map((i) =>
    rows.reduce((sum, value, at) => sum + (at % D_MODEL === i ? value / ROWS : 0), 0),
  );
  let error = 0;
  let variation = 0;
  let active = 0;
  for (let row = 0; row < ROWS; row++) {
    const h = columns.map((i) => rows[row * D_MODEL + i] ?? 0);
    const pre = Array.from(encoderBias, (bias, latent) =>
      columns.reduce(
        (sum, i) => sum + (encoder[latent * D_MODEL + i] ?? 0) * ((h[i] ?? 0) - (decoderBias[i] ?? 0)),
        bias,
      ),
    );
    const least = pre.toSorted((a, b) => b - a)[K - 1] ?? 0;
    const acts = pre.map((value) =>
      value > 0 && (threshold === null ? value >= least : value > threshold) ? value : 0,
    );
    active += acts.filter((value) => value > 0).length;
    for (const i of columns) {
      const back = acts.reduce(
        (sum, value, latent) => sum + value * (decoder[latent * D_MODEL + i] ?? 0),
        decoderBias[i] ?? 0,
      );
      error += ((h[i] ?? 0) - back) ** 2;
      variation += ((h[i] ?? 0) - (mean[i] ?? 0)) ** 2;
    }
  }
  return { fvu: error / variation, l0: active / ROWS };
}

it.each([
  ["topk", null],
  ["a threshold", 0.3],
])("with %s, error and L0 are those of the dictionary that these weights make", (_, threshold) => {
  const rows = random(ROWS * D_MODEL, 5, 3);
  const options = { rows, dModel: D_MODEL, latents: LATENTS, k: K, product: openPlainProduct, threads: 1 };
  using heldOut = new HeldOutError(options);
  // measured twice: the first must leave nothing behind
  heldOut.measure(made(threshold));
  const weights = { ...made(threshold), encoder: random(LATENTS * D_MODEL, 9) };
  const { rows: count, fvu, l0 } = heldOut.measure(weights);
  const expected = reference({ weights, rows });
  expect(count).toBe(ROWS);
  expect(l0).toBe(expected.l0);
  expect(fvu).toBeCloseTo(expected.fvu, 5);
});

/**
 * Reference kernels of an SAE in plain TypeScript; faster ones are tested against these.
 * Letters: N rows, D d_model, L latents. Sums are float64, results float32.
 */
import { checkLatent, type Dictionary } from "./dictionary.ts";
import { kthLargest } from "./topk-threshold.ts";

function dotAt({
  a,
  b,
  aStart,
  bStart,
  length,
}: {
  a: Float32Array;
  b: Float32Array;
  aStart: number;
  bStart: number;
  length: number;
}): number {
  let even = 0;
  let odd = 0;
  let i = 0;
  // two chains of additions, because one alone waits for itself
  for (; i + 1 < length; i += 2) {
    even += (a[aStart + i] ?? 0) * (b[bStart + i] ?? 0);
    odd += (a[aStart + i + 1] ?? 0) * (b[bStart + i + 1] ?? 0);
  }
  if (i < length) even += (a[aStart + i] ?? 0) * (b[bStart + i] ?? 0);
  return even + odd;
}

function countRows({
  values,
  columns,
  what,
}: {
  values: Float32Array;
  columns: number;
  what: string;
}): number {
  if (values.length % columns !== 0) {
    throw new RangeError(`${values.length} ${what} are not whole rows of ${columns}`);
  }
  return values.length / columns;
}

/** `pre = W_enc h + b` with the effective bias. @param rows `[N, D]` @returns `[N, L]` */
export function preActivations({
  dictionary,
  rows,
}: {
  dictionary: Dictionary;
  rows: Float32Array;
}): Float32Array {
  const { dModel, latents } = dictionary;
  const matrix = dictionary.encoderMatrix();
  const bias = dictionary.effectiveBiases();
  const count = countRows({ values: rows, columns: dModel, what: "residual values" });
  const pre = new Float32Array(count * latents);
  for (let row = 0; row < count; row++) {
    for (let latent = 0; latent < latents; latent++) {
      const sum = dotAt({
        a: rows,
        b: matrix,
        aStart: row * dModel,
        bStart: latent * dModel,
        length: dModel,
      });
      pre[row * latents + latent] = sum + (bias[latent] ?? 0);
    }
  }
  return pre;
}

/** One row of TopK: the k largest, then ReLU; of equal values the lowest index wins. */
function activateTopkRow({
  pre,
  acts,
  start,
  latents,
  k,
  heap,
}: {
  pre: Float32Array;
  acts: Float32Array;
  start: number;
  latents: number;
  k: number;
  heap: Float32Array;
}): void {
  const least = kthLargest({ values: pre, k, offset: start, length: latents, heap });
  let left = k;
  for (let i = start; i < start + latents; i++) if ((pre[i] ?? 0) > least) left -= 1;
  for (let i = start; i < start + latents; i++) {
    const value = pre[i] ?? 0;
    if (value > least) acts[i] = Math.max(value, 0);
    else if (value === least && left > 0) {
      acts[i] = Math.max(value, 0);
      left -= 1;
    }
  }
}

/** @param pre `[N, L]` @returns latent values `[N, L]`, by the dictionary's architecture. */
export function activate({ dictionary, pre }: { dictionary: Dictionary; pre: Float32Array }): Float32Array {
  const { architecture, latents, k } = dictionary;
  const count = countRows({ values: pre, columns: latents, what: "pre-activations" });
  const acts = new Float32Array(pre.length);
  if (architecture === "topk" && k !== null) {
    const heap = new Float32Array(k);
    for (let row = 0; row < count; row++) {
      activateTopkRow({ pre, acts, start: row * latents, latents, k, heap });
    }
    return acts;
  }
  for (let row = 0, i = 0; row < count; row++) {
    for (let latent = 0; latent < latents; latent++, i++) {
      const value = pre[i] ?? 0;
      if (value > 0) acts[i] = dictionary.valueOf(latent, value);
    }
  }
  return acts;
}

/** @param rows `[N, D]` @returns latent values `[N, L]` */
export function encodeRows({
  dictionary,
  rows,
}: {
  dictionary: Dictionary;
  rows: Float32Array;
}): Float32Array {
  return activate({ dictionary, pre: preActivations({ dictionary, rows }) });
}

/** `f W_dec + b_dec`, over the latents that are not 0. @param acts `[N, L]` @returns `[N, D]` */
export function decodeRows({
  dictionary,
  acts,
}: {
  dictionary: Dictionary;
  acts: Float32Array;
}): Float32Array {
  const { dModel, latents } = dictionary;
  const count = countRows({ values: acts, columns: latents, what: "latent values" });
  const rows = new Float32Array(count * dModel);
  for (let row = 0; row < count; row++) {
    const sum = Float64Array.from(dictionary.bDec());
    for (let latent = 0; latent < latents; latent++) {
      const value = acts[row * latents + latent] ?? 0;
      if (value === 0) continue;
      const direction = dictionary.direction(latent);
      for (let i = 0; i < dModel; i++) sum[i] = (sum[i] ?? 0) + value * (direction[i] ?? 0);
    }
    rows.set(sum, row * dModel);
  }
  return rows;
}

/**
 * Values of a few latents. TopK needs every pre-activation of a row, so the whole encoder is read; the others read these latents alone.
 * @param rows `[N, D]` @returns `[N, latents.length]`
 */
export function encodeLatents({
  dictionary,
  rows,
  latents,
}: {
  dictionary: Dictionary;
  rows: Float32Array;
  latents: readonly number[];
}): Float32Array {
  const { dModel, latents: all } = dictionary;
  const count = countRows({ values: rows, columns: dModel, what: "residual values" });
  const values = new Float32Array(count * latents.length);
  for (const latent of latents) checkLatent({ facts: dictionary, latent });
  if (dictionary.architecture === "topk") {
    const acts = encodeRows({ dictionary, rows });
    for (let row = 0, at = 0; row < count; row++) {
      for (const latent of latents) values[at++] = acts[row * all + latent] ?? 0;
    }
    return values;
  }
  dictionary.prefetchEncoder(latents);
  latents.forEach((latent, column) => {
    const weights = dictionary.encoderRow(latent);
    const bias = dictionary.effectiveBias(latent);
    for (let row = 0; row < count; row++) {
      const sum = dotAt({ a: rows, b: weights, aStart: row * dModel, bStart: 0, length: dModel });
      values[row * latents.length + column] = dictionary.valueOf(latent, Math.fround(sum + bias));
    }
  });
  return values;
}

/** `f_k(h)` of one latent. @param row `[D]` */
export function latentValue({
  dictionary,
  row,
  latent,
}: {
  dictionary: Dictionary;
  row: Float32Array;
  latent: number;
}): number {
  return encodeLatents({ dictionary, rows: row, latents: [latent] })[0] ?? 0;
}

/**
 * Samples one token from a row of logits on typed arrays. The order of steps is vLLM's: repetition penalty, grammar, temperature, min-p,
 * top-k, top-p. The logits row is used up (penalty and grammar are written into it).
 */
import { CountersteerError } from "../../errors.ts";
import type { Sampling } from "../engine.ts";
import { keyedUniform } from "./keyed-random.ts";
import { firstAllowed, type TokenGrammar } from "./token-grammar.ts";

/** Tokens more than this many temperatures below the best weigh less together than float32 resolves, so their exponentials are skipped. */
const CUTOFF = 25;
const STEPS_PER_UNIT = 128;
const TABLE = Float64Array.from({ length: (CUTOFF + 2) * STEPS_PER_UNIT }, (_, i) =>
  Math.exp(-i / STEPS_PER_UNIT),
);

/** `exp(-x)` for x in [0, CUTOFF + 1], to about 1e-7 relative: a table step and the first three terms of the rest. */
export function expNegative(x: number): number {
  const scaled = x * STEPS_PER_UNIT;
  const step = scaled | 0;
  const rest = (scaled - step) / STEPS_PER_UNIT;
  return (TABLE[step] ?? 0) * (1 - rest * (1 - rest * (0.5 - rest * 0.16666667)));
}

/** Applies vLLM's repetition penalty in place: positive logits are divided, others multiplied. `seen` holds distinct prompt and output tokens. */
export function penalise({
  logits,
  seen,
  penalty,
}: {
  logits: Float32Array;
  seen: Iterable<number>;
  penalty: number;
}): void {
  if (penalty === 1) {
    return;
  }
  for (const token of seen) {
    const value = logits[token] ?? 0;
    logits[token] = value > 0 ? value / penalty : value * penalty;
  }
}

/** Index of the greatest logit, the lowest index among equals. Throws ENGINE_CRASHED for a row whose greatest is no finite number. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i] ?? 0;
    if (value > max) {
      max = value;
      best = i;
    }
  }
  checkFinite(max);
  return best;
}

/** Logits of a block; of a block whose greatest is below the floor none need be looked at again. */
const BLOCK = 64;

/** Writes the greatest logit of each block into `maxima` and gives the greatest of all; -Infinity for a row that holds no number. */
function blockMaxima({ logits, maxima }: { logits: Float32Array; maxima: Float32Array }): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let block = 0, from = 0; from < logits.length; block++, from += BLOCK) {
    const to = Math.min(from + BLOCK, logits.length);
    // two chains of comparisons, so that one need not wait for the other
    let even = Number.NEGATIVE_INFINITY;
    let odd = Number.NEGATIVE_INFINITY;
    let i = from;
    for (; i + 1 < to; i += 2) {
      const a = logits[i] ?? 0;
      const b = logits[i + 1] ?? 0;
      if (a > even) even = a;
      if (b > odd) odd = b;
    }
    if (i < to && (logits[i] ?? 0) > even) even = logits[i] ?? 0;
    const greatest = Math.max(even, odd);
    maxima[block] = greatest;
    if (greatest > max) max = greatest;
  }
  return max;
}

export interface SampleOptions {
  /** `[vocabulary]`, used up. */
  logits: Float32Array;
  sampling: Sampling;
  seen: Iterable<number>;
  /** Index of the token to be sampled within its response: the key of the random number. */
  index: number;
  grammar?: TokenGrammar | null;
}

/** Second draws have the keys from here on, above every token's own. */
const SECOND_DRAW = 2 ** 40;

/** A sampler owns its scratch memory; one per engine process is enough. */
export class Sampler {
  readonly #weights: Float32Array;
  readonly #candidates: Int32Array;
  readonly #maxima: Float32Array;

  constructor({ vocabulary }: { vocabulary: number }) {
    this.#weights = new Float32Array(vocabulary);
    this.#candidates = new Int32Array(vocabulary);
    this.#maxima = new Float32Array(Math.ceil(vocabulary / BLOCK));
  }

  /**
   * With a grammar the answer has the distribution of logits in which refused tokens are -Infinity. Asking a grammar about the whole
   * vocabulary is slow, so it is put off where that changes nothing:
   * - Greedy: the first allowed token in descending order is the argmax of the masked row.
   * - Temperature alone: draw from the unmasked p; keep an allowed token, else draw anew, with an independent number, from the masked
   *   distribution p/A (A is the mass of allowed tokens). A token's chance is p + (1 - A) p/A = p/A, which is the masked distribution.
   * - min-p, top-k and top-p: the whole row is masked first, for they cut relative to what is left.
   * Throws REQUEST_INVALID where the grammar allows no token.
   */
  sample({ logits, sampling, seen, index, grammar = null }: SampleOptions): number {
    penalise({ logits, seen, penalty: sampling.repetitionPenalty });
    const { seed, temperature, topK, topP, minP } = sampling;
    if (temperature === 0) {
      return grammar === null ? argmax(logits) : firstAllowed(logits, grammar);
    }
    const u = keyedUniform(seed, index);
    if (grammar === null) {
      return this.#sampleAt(logits, sampling, u);
    }
    if (topK === 0 && topP === 1 && minP === 0) {
      const token = this.#sampleAt(logits, sampling, u);
      if (grammar.allows(token)) {
        return token;
      }
      grammar.mask(logits);
      return this.#sampleAt(logits, sampling, keyedUniform(seed, SECOND_DRAW + index));
    }
    grammar.mask(logits);
    return this.#sampleAt(logits, sampling, u);
  }

  #sampleAt(logits: Float32Array, sampling: Sampling, u: number): number {
    const max = blockMaxima({ logits, maxima: this.#maxima });
    checkFinite(max);
    const count = this.#weigh(logits, max, sampling);
    if (sampling.topK > 0 || sampling.topP < 1) {
      return this.#sampleSorted(count, sampling, u);
    }
    return this.#draw(count, u);
  }

  /** Fills candidates with the tokens inside the cut-offs, in index order, and weights with `exp((logit - max) / T)`. */
  #weigh(logits: Float32Array, max: number, { temperature, minP }: Sampling): number {
    const weights = this.#weights;
    const candidates = this.#candidates;
    const reach = minP > 0 ? Math.min(CUTOFF, -Math.log(minP)) : CUTOFF;
    const floor = max - reach * temperature;
    const inverse = 1 / temperature;
    let count = 0;
    for (let block = 0; block < this.#maxima.length; block++) {
      if ((this.#maxima[block] ?? 0) < floor) continue;
      const to = Math.min((block + 1) * BLOCK, logits.length);
      for (let i = block * BLOCK; i < to; i++) {
        const value = logits[i] ?? 0;
        if (value >= floor) {
          weights[count] = expNegative((max - value) * inverse);
          candidates[count++] = i;
        }
      }
    }
    return count;
  }

  #draw(count: number, u: number): number {
    const weights = this.#weights;
    let total = 0;
    for (let i = 0; i < count; i++) {
      total += weights[i] ?? 0;
    }
    let left = u * total;
    for (let i = 0; i < count; i++) {
      left -= weights[i] ?? 0;
      if (left < 0) {
        return this.#candidates[i] ?? 0;
      }
    }
    // what rounding left over goes to the most probable token
    return this.#candidates[argmax(weights.subarray(0, count))] ?? 0;
  }

  #sampleSorted(count: number, { topK, topP }: Sampling, u: number): number {
    const weights = this.#weights;
    const order = Array.from({ length: count }, (_, i) => i);
    order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
    const kept = topK > 0 ? order.slice(0, topK) : order;
    const total = kept.reduce((sum, i) => sum + (weights[i] ?? 0), 0);
    let size = 0;
    let mass = 0;
    // the token that crosses top-p stays in, so at least one is kept
    while (size < kept.length && mass < topP * total) {
      mass += weights[kept[size] ?? 0] ?? 0;
      size++;
    }
    let left = u * mass;
    for (let i = 0; i < size; i++) {
      left -= weights[kept[i] ?? 0] ?? 0;
      if (left < 0) {
        return this.#candidates[kept[i] ?? 0] ?? 0;
      }
    }
    return this.#candidates[kept[0] ?? 0] ?? 0;
  }
}

/** `max` is the greatest of a row of logits. */
function checkFinite(max: number): void {
  if (Number.isFinite(max)) return;
  throw new CountersteerError("ENGINE_CRASHED", {
    what: "The model's logits are no numbers, so nothing can be read from them.",
    why: `The greatest of them is ${max}: the model's weights are damaged, or an intervention drove the residual stream out of range.`,
    todo: "Try it without the intervention, and then with a lower strength.",
    facts: { max: String(max) },
  });
}

/** Natural-log probability of `token` under a row of logits, by a stable log-sum-exp. */
export function logProbability(logits: Float32Array, token: number): number {
  const max = logits[argmax(logits)] ?? 0;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const below = max - (logits[i] ?? 0);
    if (below < CUTOFF) {
      sum += expNegative(below);
    }
  }
  return (logits[token] ?? Number.NEGATIVE_INFINITY) - max - Math.log(sum);
}

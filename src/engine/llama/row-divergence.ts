/** How far two next-token distributions are apart, from their rows of logits. */

export interface RowDivergence {
  /** `KL(steered || unsteered)` in nats, at least 0. */
  kl: number;
  /** `KL(unsteered || steered)`. */
  reverse: number;
}

/**
 * Both rows are `[vocabulary]` and are left as they are; sums are in double precision. Equal rows give exactly 0. A token that a
 * distribution rules out (a logit of -Infinity) has no weight in it.
 */
export function rowDivergence({
  steered,
  unsteered,
}: {
  steered: Float32Array;
  unsteered: Float32Array;
}): RowDivergence {
  const tops = { steered: greatest(steered), unsteered: greatest(unsteered) };
  const mass = { steered: 0, unsteered: 0 };
  let forward = 0;
  let backward = 0;
  for (let i = 0; i < steered.length; i++) {
    const a = steered[i] ?? 0;
    const b = unsteered[i] ?? 0;
    const weightA = Math.exp(a - tops.steered);
    const weightB = Math.exp(b - tops.unsteered);
    mass.steered += weightA;
    mass.unsteered += weightB;
    // 0 log 0 is 0
    if (weightA > 0) forward += weightA * (a - b);
    if (weightB > 0) backward += weightB * (b - a);
  }
  // sum p (log p - log q), with log p = logit - log-sum-exp
  const shift = tops.steered + Math.log(mass.steered) - (tops.unsteered + Math.log(mass.unsteered));
  return {
    kl: Math.max(0, forward / mass.steered - shift),
    reverse: Math.max(0, backward / mass.unsteered + shift),
  };
}

function greatest(logits: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i] ?? 0;
    if (value > max) max = value;
  }
  return max;
}

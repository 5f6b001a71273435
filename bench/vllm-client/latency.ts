/** How long an answer takes: drawn from measured quantiles. */

/** Uniform numbers in [0, 1) that a seed fixes. */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Part of the mean at `u` in [0, 1), between the two nearest of evenly spaced quantiles (the first is the least, the last the greatest). */
export function drawLatency({ quantiles, u }: { quantiles: readonly number[]; u: number }): number {
  const place = u * (quantiles.length - 1);
  const below = Math.floor(place);
  const low = quantiles[below] ?? 1;
  const high = quantiles[below + 1] ?? low;
  return low + (place - below) * (high - low);
}

/** Evenly spaced quantiles of times, as parts of the mean of the draws that they give. */
export function latencyQuantiles({
  times,
  count = 41,
}: {
  times: readonly number[];
  count?: number;
}): number[] {
  const sorted = [...times].sort((a, b) => a - b);
  const at = Array.from({ length: count }, (_, i) =>
    drawLatency({ quantiles: sorted, u: i / (count - 1) - (i === count - 1 ? 1e-12 : 0) }),
  );
  // the mean of linear interpolation is that of the middles of neighbours
  const mean = at.slice(1).reduce((sum, high, i) => sum + (high + (at[i] ?? 0)) / 2, 0) / (count - 1);
  return at.map((time) => time / mean);
}

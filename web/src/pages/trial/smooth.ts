/** A curve as the means over neighbouring tokens: one token tells little about being on topic, fifteen tell more. */

/** Centred means over `window` tokens, fewer at the ends; tokens without a value stay without one and are left out of the means. */
export function smooth({
  values,
  window,
}: {
  values: readonly (number | null)[];
  window: number;
}): (number | null)[] {
  if (window <= 1) return [...values];
  const sums = [0];
  const counts = [0];
  for (const value of values) {
    sums.push((sums.at(-1) ?? 0) + (value ?? 0));
    counts.push((counts.at(-1) ?? 0) + (value === null ? 0 : 1));
  }
  const half = Math.floor(window / 2);
  return values.map((value, token) => {
    if (value === null) return null;
    const from = Math.max(0, token - half);
    const to = Math.min(values.length, token + half + 1);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / ((counts[to] ?? 0) - (counts[from] ?? 0));
  });
}

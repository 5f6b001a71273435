/** Quantile of ascending values by linear interpolation (type 7 of Hyndman and Fan). Infinite values are allowed. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const position = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) {
    return Number.NaN;
  }
  return below === above ? below : below + (position - Math.floor(position)) * (above - below);
}

/** Shares of tokens span powers of ten: the bar is logarithmic, from one in 100,000 to all. */
const DECADES = 5;

/** Share of the bar, 0 to 1. */
export function densityWidth(density: number | null): number {
  return density === null || density <= 0 ? 0 : Math.min(1, Math.max(0, 1 + Math.log10(density) / DECADES));
}

/** Mean, sample variance (ddof 1) and standard error; nulls where they are undefined. */
export interface MeanSummary {
  n: number;
  mean: number | null;
  variance: number | null;
  standardError: number | null;
}

export function summarizeMean(values: readonly number[]): MeanSummary {
  const n = values.length;
  if (n === 0) {
    return { n, mean: null, variance: null, standardError: null };
  }
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  if (n === 1) {
    return { n, mean, variance: null, standardError: null };
  }
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  return { n, mean, variance, standardError: Math.sqrt(variance / n) };
}

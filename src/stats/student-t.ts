/** Two-sided p of Student's t, through the Beta CDF; also serves correlations. */
import betaCdf from "@stdlib/stats-base-dists-beta-cdf";

export function studentTwoSided({ t, df }: { t: number; df: number }): number {
  return Number.isFinite(t) ? betaCdf(df / (df + t * t), df / 2, 0.5) : Number.isNaN(t) ? Number.NaN : 0;
}

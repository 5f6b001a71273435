/** Student's t through the Beta CDF: two-sided p, which also serves correlations, and critical values. */
import betaCdf from "@stdlib/stats-base-dists-beta-cdf";
import { criticalValue } from "./normal.ts";

export function studentTwoSided({ t, df }: { t: number; df: number }): number {
  return Number.isFinite(t) ? betaCdf(df / (df + t * t), df / 2, 0.5) : Number.isNaN(t) ? Number.NaN : 0;
}

/** Half-width in standard errors of a two-sided interval with `df` degrees of freedom, for example 2.776 at 0.95 and 4. */
export function studentCritical({ level, df }: { level: number; df: number }): number {
  let lower = criticalValue(level);
  let upper = lower;
  while (studentTwoSided({ t: upper, df }) > 1 - level) upper *= 2;
  for (let i = 0; i < 200; i++) {
    const middle = (lower + upper) / 2;
    if (middle <= lower || middle >= upper) break;
    if (studentTwoSided({ t: middle, df }) > 1 - level) lower = middle;
    else upper = middle;
  }
  return (lower + upper) / 2;
}

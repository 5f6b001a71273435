/** Wilson's score interval of a proportion (Wilson 1927), which replaces the Wald interval of METHOD.md 1.4. */
import { assertLevel, type Interval } from "./interval.ts";
import { criticalValue } from "./normal.ts";

export interface ProportionInterval extends Interval {
  lower: number;
  upper: number;
  n: number;
}

export interface ProportionOptions {
  /** Number of successes, in [0, n]; Wilson allows fractions (an effective sample size). */
  successes: number;
  /** Number of trials; 0 gives the interval [0, 1]. */
  n: number;
  /** @default 0.95 */
  level?: number;
}

/** Throws a RangeError unless 0 <= successes <= n and the level is valid. */
export function assertProportion({ successes, n, level = 0.95 }: ProportionOptions): void {
  assertLevel(level);
  if (!(Number.isFinite(n) && successes >= 0 && successes <= n)) {
    throw new RangeError(`a proportion needs 0 <= successes <= n, got ${successes} of ${n}`);
  }
}

/** Never of zero width, never outside [0, 1], always holds the estimate. */
export function wilson(options: ProportionOptions): ProportionInterval {
  assertProportion(options);
  const { successes, n, level = 0.95 } = options;
  if (n === 0) {
    return { estimate: null, lower: 0, upper: 1, n, level, method: "no-data" };
  }
  const z = criticalValue(level);
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = ((z / scale) * Math.sqrt(p * (1 - p) + (z * z) / (4 * n))) / Math.sqrt(n);
  // the exact ends at 0 and n: rounding would leave 1e-17 or push the estimate out
  const lower = successes === 0 ? 0 : Math.max(0, centre - half);
  const upper = successes === n ? 1 : Math.min(1, centre + half);
  return { estimate: p, lower, upper, n, level, method: "wilson" };
}

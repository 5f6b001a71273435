/** When a threshold search may end. The paper's search always runs its full number of queries: `minQueries = maxQueries`. */
import { credibleInterval, type Posterior, query } from "./bisection.ts";

export interface StoppingOptions {
  posterior: Posterior;
  /** Queries made so far. */
  queries: number;
  maxQueries: number;
  /** @default 1 */
  minQueries?: number;
  /** Of the credible interval whose width is judged. @default 0.9 */
  level?: number;
  /** Stop when the width is at most this share of the median's size. */
  relativeWidth?: number;
  /** Stop when the width is at most this, in strength units. Either rule suffices. */
  absoluteWidth?: number;
}

export interface Stopping {
  stop: boolean;
  reason: "narrow" | "max-queries" | null;
  /** Of the credible interval, in strength units. */
  width: number;
}

export function shouldStop(options: StoppingOptions): Stopping {
  const {
    posterior,
    queries,
    maxQueries,
    minQueries = 1,
    level = 0.9,
    relativeWidth,
    absoluteWidth,
  } = options;
  const { lower, upper } = credibleInterval(posterior, level);
  const width = upper - lower;
  const narrow =
    (absoluteWidth !== undefined && width <= absoluteWidth) ||
    (relativeWidth !== undefined && width <= relativeWidth * Math.abs(query(posterior)));
  if (narrow && queries >= minQueries) {
    return { stop: true, reason: "narrow", width };
  }
  return queries >= maxQueries
    ? { stop: true, reason: "max-queries", width }
    : { stop: false, reason: null, width };
}

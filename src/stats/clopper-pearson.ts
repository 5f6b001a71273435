/** The exact (conservative) interval of a proportion (Clopper and Pearson 1934). */
import betaCdf from "@stdlib/stats-base-dists-beta-cdf";
import { assertProportion, type ProportionInterval, type ProportionOptions } from "./wilson.ts";

/** x in [0, 1] with CDF(x) = p, by halving until the doubles are adjacent. */
function betaQuantile(p: number, alpha: number, beta: number): number {
  let lower = 0;
  let upper = 1;
  for (let i = 0; i < 200; i++) {
    const middle = (lower + upper) / 2;
    if (middle <= lower || middle >= upper) {
      break;
    }
    if (betaCdf(middle, alpha, beta) < p) {
      lower = middle;
    } else {
      upper = middle;
    }
  }
  return (lower + upper) / 2;
}

export function clopperPearson(options: ProportionOptions): ProportionInterval {
  assertProportion(options);
  const { successes, n, level = 0.95 } = options;
  if (!(Number.isInteger(successes) && Number.isInteger(n))) {
    throw new RangeError(`an exact interval needs whole counts, got ${successes} of ${n}`);
  }
  if (n === 0) {
    return { estimate: null, lower: 0, upper: 1, n, level, method: "no-data" };
  }
  const tail = (1 - level) / 2;
  const lower = successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1);
  const upper = successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes);
  return { estimate: successes / n, lower, upper, n, level, method: "clopper-pearson" };
}

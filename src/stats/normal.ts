/** The standard normal distribution. */
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";

/** P(Z <= z). Relative error about 1e-14 in the lower tail, so small p-values are exact to print. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) {
    return Number.NaN;
  }
  if (z > 0) {
    return 1 - normalCdf(-z);
  }
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const x = -z;
  if (x < 3) {
    // Marsaglia 2004: Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...)
    let term = x;
    let sum = x;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // Laplace's continued fraction, from the inside out; the series above would cancel here
  let fraction = x;
  for (let k = 160; k >= 1; k--) {
    fraction = x + k / fraction;
  }
  return density === 0 ? 0 : density / fraction;
}

/** z with P(Z <= z) = p, for p in [0, 1]. Good to 1e-10 for |z| <= 6; the library loses digits further out. */
export function normalInverse(p: number): number {
  return normalQuantile(p, 0, 1);
}

/** Half-width in standard errors of a two-sided interval, for example 1.96 at 0.95. */
export function criticalValue(level: number): number {
  return normalInverse(0.5 + level / 2);
}

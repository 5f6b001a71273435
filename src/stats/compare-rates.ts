/**
 * Difference, ratio and odds ratio of a rate in two arms, with intervals from a bootstrap over the clusters of both arms together:
 * a latent that occurs in both is drawn for both, so pairing is kept. When the difference collapses to zero width the rule is
 * Newcombe's score interval (1998, method 10) with clusters, or n / designEffect, as sample sizes.
 */
import {
  columnsOf,
  indexIds,
  informativeClusters,
  type Observations,
  ratioOf,
  sumByCluster,
  sumOf,
} from "./clusters.ts";
import { assertLevel, type Interval } from "./interval.ts";
import { assertReplicates, percentileBounds } from "./replicates.ts";
import { createRng } from "./rng.ts";
import { wilson } from "./wilson.ts";

export interface CompareRatesOptions {
  /** The arm compared against, for example steered. */
  reference: Observations;
  /** The arm in question, for example steered and ablated. */
  treatment: Observations;
  /** @default 2000 */
  replicates?: number;
  /** @default 0 */
  seed?: number;
  /** @default 0.95 */
  level?: number;
  /** Design effect known from elsewhere, for the fallback. */
  designEffect?: number;
}

export interface RateComparison {
  referenceRate: number | null;
  treatmentRate: number | null;
  /** treatment - reference. */
  difference: Interval;
  /** treatment / reference. An upper bound of Infinity means that the data set none. */
  ratio: Interval;
  oddsRatio: Interval;
  /** Clusters that occur in both arms. */
  sharedClusters: number;
  clusters: number;
  replicates: number;
}

const divide = (top: number, bottom: number): number =>
  bottom === 0 && top === 0 ? Number.NaN : top / bottom;
const odds = (a: number, b: number): number => divide(a * (1 - b), b * (1 - a));

function newcombe(
  options: CompareRatesOptions,
  reference: number,
  treatment: number,
  level: number,
): Interval {
  const { designEffect } = options;
  const bounds = (observations: Observations, rate: number) => {
    const total = sumOf(columnsOf(observations).denominator);
    const n = designEffect === undefined ? informativeClusters(observations) : total / designEffect;
    return wilson({ successes: Math.min(n, rate * n), n, level });
  };
  const b = bounds(options.reference, reference);
  const a = bounds(options.treatment, treatment);
  const estimate = treatment - reference;
  return {
    estimate,
    lower: estimate - Math.hypot(treatment - a.lower, b.upper - reference),
    upper: estimate + Math.hypot(a.upper - treatment, reference - b.lower),
    level,
    method: designEffect === undefined ? "score-clusters" : "score-design-effect",
  };
}

function intervalOf(estimate: number, values: Float64Array, level: number): Interval {
  if (Number.isNaN(estimate)) {
    return { estimate: null, lower: null, upper: null, level, method: "no-data" };
  }
  const cut = percentileBounds(values, level);
  return cut === null
    ? { estimate, lower: null, upper: null, level, method: "undetermined" }
    : { estimate, lower: cut.lower, upper: cut.upper, level, method: "percentile" };
}

export function compareRates(options: CompareRatesOptions): RateComparison {
  const { replicates = 2000, seed = 0, level = 0.95 } = options;
  const [reference, treatment] = [columnsOf(options.reference), columnsOf(options.treatment)];
  assertLevel(level);
  assertReplicates(replicates);
  const index = indexIds([...reference.ids, ...treatment.ids]);
  const a = sumByCluster(treatment, index);
  const b = sumByCluster(reference, index);
  const rng = createRng({ seed });
  const differences = new Float64Array(replicates);
  const ratios = new Float64Array(replicates);
  const oddsRatios = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) {
    const sums: [number, number, number, number] = [0, 0, 0, 0];
    for (let draw = 0; draw < index.size; draw++) {
      const chosen = rng.below(index.size);
      sums[0] += a.numerator[chosen] ?? 0;
      sums[1] += a.denominator[chosen] ?? 0;
      sums[2] += b.numerator[chosen] ?? 0;
      sums[3] += b.denominator[chosen] ?? 0;
    }
    const treated = divide(sums[0], sums[1]);
    const base = divide(sums[2], sums[3]);
    differences[r] = treated - base;
    ratios[r] = divide(treated, base);
    oddsRatios[r] = odds(treated, base);
  }
  const treatmentRate = ratioOf(treatment);
  const referenceRate = ratioOf(reference);
  const rateA = treatmentRate ?? Number.NaN;
  const rateB = referenceRate ?? Number.NaN;
  const difference = intervalOf(rateA - rateB, differences, level);
  const inReference = new Set(reference.ids);
  return {
    referenceRate,
    treatmentRate,
    difference: difference.method === "undetermined" ? newcombe(options, rateB, rateA, level) : difference,
    ratio: intervalOf(divide(rateA, rateB), ratios, level),
    oddsRatio: intervalOf(odds(rateA, rateB), oddsRatios, level),
    sharedClusters: treatment.ids.filter((id) => inReference.has(id)).length,
    clusters: index.size,
    replicates,
  };
}

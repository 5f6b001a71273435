/**
 * The difference of two arms' ratios where their observations can't be paired: the linearised ratio estimator of survey sampling
 * (Cochran 1977, section 6), with Student's t. Clusters that both arms have add up before they are squared, so that what a latent does to
 * both arms alike cancels.
 */
import { columnsOf, indexIds, informativeClusters, type Observations, ratioOf, sumOf } from "./clusters.ts";
import { assertLevel, type Interval } from "./interval.ts";
import { studentCritical, studentTwoSided } from "./student-t.ts";

export interface UnpairedDifferenceOptions {
  reference: Observations;
  treatment: Observations;
  /** @default 0.95 */
  level?: number;
}

export interface UnpairedDifference extends Interval {
  /** Of the arm that has fewer; one more than the degrees of freedom. */
  clusters: number;
  /** Two-sided; 1 where there is no variance to judge by. */
  p: number;
}

/** Treatment less reference. Null bounds with fewer than two clusters in an arm, or where nothing varies between them. */
export function unpairedDifference(options: UnpairedDifferenceOptions): UnpairedDifference {
  const { level = 0.95 } = options;
  const [reference, treatment] = [columnsOf(options.reference), columnsOf(options.treatment)];
  assertLevel(level);
  const rates = { reference: ratioOf(reference), treatment: ratioOf(treatment) };
  if (rates.reference === null || rates.treatment === null) {
    return { estimate: null, lower: null, upper: null, level, method: "no-data", clusters: 0, p: 1 };
  }
  const estimate = rates.treatment - rates.reference;
  const index = indexIds([...reference.ids, ...treatment.ids]);
  const residuals = new Float64Array(index.size);
  for (const { observations, rate, sign } of [
    { observations: reference, rate: rates.reference, sign: -1 },
    { observations: treatment, rate: rates.treatment, sign: 1 },
  ]) {
    const { numerator, denominator, cluster, ids } = observations;
    const total = sumOf(denominator);
    for (let i = 0; i < numerator.length; i++) {
      const at = index.get(ids[cluster[i] ?? -1] ?? "") ?? 0;
      const residual = (numerator[i] ?? 0) - rate * (denominator[i] ?? 0);
      residuals[at] = (residuals[at] ?? 0) + (sign * residual) / total;
    }
  }
  const clusters = Math.min(...[reference, treatment].map((each) => informativeClusters(each)));
  const squares = residuals.reduce((sum, residual) => sum + residual * residual, 0);
  // rounding leaves crumbs of residuals that are 0
  if (clusters < 2 || squares < 1e-24) {
    return { estimate, lower: null, upper: null, level, method: "undetermined", clusters, p: 1 };
  }
  const error = Math.sqrt((clusters / (clusters - 1)) * squares);
  const half = studentCritical({ level, df: clusters - 1 }) * error;
  return {
    estimate,
    lower: Math.max(-1, estimate - half),
    upper: Math.min(1, estimate + half),
    level,
    method: "cluster-t",
    clusters,
    p: studentTwoSided({ t: estimate / error, df: clusters - 1 }),
  };
}

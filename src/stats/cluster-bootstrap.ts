/**
 * Bootstrap interval of sum(numerator) / sum(denominator) that resamples whole clusters (latents), because trials of one latent
 * resemble each other (METHOD.md 10.2). The statistic may be a rate, a rate among a subset, or a mean (denominators of 1).
 */
import {
  columnsOf,
  indexIds,
  informativeClusters,
  type Observations,
  ratioOf,
  sumByCluster,
} from "./clusters.ts";
import {
  assertReplicates,
  type BootstrapInterval,
  type BootstrapOptions,
  intervalOfReplicates,
} from "./replicates.ts";
import { createRng } from "./rng.ts";

export interface ClusterBootstrapOptions extends BootstrapOptions {
  observations: Observations;
  /** BCa corrects for bias and skew; it falls back to percentile where the correction is undefined. @default "percentile" */
  interval?: "percentile" | "bca";
}

export function clusterBootstrap(options: ClusterBootstrapOptions): BootstrapInterval {
  const { replicates = 2000, seed = 0, interval = "percentile" } = options;
  assertReplicates(replicates);
  const observations = columnsOf(options.observations);
  const index = indexIds(observations.ids);
  const { numerator, denominator } = sumByCluster(observations, index);
  const rng = createRng({ seed });
  const values = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) {
    let top = 0;
    let bottom = 0;
    for (let draw = 0; draw < index.size; draw++) {
      const chosen = rng.below(index.size);
      top += numerator[chosen] ?? 0;
      bottom += denominator[chosen] ?? 0;
    }
    values[r] = bottom === 0 ? Number.NaN : top / bottom;
  }
  const allTop = numerator.reduce((sum, v) => sum + v, 0);
  const allBottom = denominator.reduce((sum, v) => sum + v, 0);
  const leaveOneOut = (): number[] =>
    Array.from(numerator, (top, i) => {
      const bottom = allBottom - (denominator[i] ?? 0);
      return bottom === 0 ? Number.NaN : (allTop - top) / bottom;
    });
  return intervalOfReplicates(
    {
      estimate: ratioOf(observations),
      n: allBottom,
      clusters: informativeClusters(observations),
      crossClusters: null,
      values,
      ...(interval === "bca" ? { jackknife: leaveOneOut() } : {}),
    },
    options,
  );
}

/**
 * Pigeonhole bootstrap (Owen 2007) for two crossed factors, latent and prompt: both are resampled, an observation weighs the product of
 * the counts of its latent and its prompt. Slightly conservative; the one to print when the same prompts recur in all latents.
 */
import { type ClusterId, indexIds, informativeClusters, type RatioObservation, ratioOf } from "./clusters.ts";
import {
  assertReplicates,
  type BootstrapInterval,
  type BootstrapOptions,
  intervalOfReplicates,
} from "./replicates.ts";
import { createRng, type Rng } from "./rng.ts";

export interface TwoWayBootstrapOptions extends BootstrapOptions {
  /** Every one needs a `crossCluster`. */
  observations: readonly RatioObservation[];
}

function crossOf(observation: RatioObservation): ClusterId {
  if (observation.crossCluster === undefined) {
    throw new RangeError("the two-way bootstrap needs a crossCluster for every observation");
  }
  return observation.crossCluster;
}

/** Fills `counts` with a multinomial draw of `counts.length` from as many equal cells. */
function drawCounts(counts: Float64Array, rng: Rng): void {
  counts.fill(0);
  for (let draw = 0; draw < counts.length; draw++) {
    const chosen = rng.below(counts.length);
    counts[chosen] = (counts[chosen] ?? 0) + 1;
  }
}

export function twoWayBootstrap(options: TwoWayBootstrapOptions): BootstrapInterval {
  const { observations, replicates = 2000, seed = 0 } = options;
  assertReplicates(replicates);
  const rows = indexIds(observations.map((o) => o.cluster));
  const columns = indexIds(observations.map(crossOf));
  const rowOf = Int32Array.from(observations, (o) => rows.get(o.cluster) ?? -1);
  const columnOf = Int32Array.from(observations, (o) => columns.get(crossOf(o)) ?? -1);
  const numerator = Float64Array.from(observations, (o) => o.numerator);
  const denominator = Float64Array.from(observations, (o) => o.denominator);
  const rng = createRng({ seed });
  const rowCounts = new Float64Array(rows.size);
  const columnCounts = new Float64Array(columns.size);
  const values = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) {
    drawCounts(rowCounts, rng);
    drawCounts(columnCounts, rng);
    let top = 0;
    let bottom = 0;
    for (let i = 0; i < observations.length; i++) {
      const weight = (rowCounts[rowOf[i] ?? -1] ?? 0) * (columnCounts[columnOf[i] ?? -1] ?? 0);
      top += weight * (numerator[i] ?? 0);
      bottom += weight * (denominator[i] ?? 0);
    }
    values[r] = bottom === 0 ? Number.NaN : top / bottom;
  }
  return intervalOfReplicates(
    {
      estimate: ratioOf(observations),
      n: denominator.reduce((sum, v) => sum + v, 0),
      clusters: informativeClusters(observations),
      crossClusters: informativeClusters(observations, "crossCluster"),
      values,
    },
    options,
  );
}

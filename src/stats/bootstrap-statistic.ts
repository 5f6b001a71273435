/**
 * Cluster bootstrap of any statistic of rows (kappa, alpha, a correlation, an AUC). Slower than `clusterBootstrap`, which needs sums only.
 * When all resamples agree nothing bounds the statistic: the interval is null with the method `undetermined`, never of zero width.
 */
import { type ClusterId, indexIds } from "./clusters.ts";
import { assertReplicates, type BootstrapInterval, intervalOfReplicates } from "./replicates.ts";
import { createRng } from "./rng.ts";

export interface BootstrapStatisticOptions<Row> {
  rows: readonly Row[];
  clusterOf: (row: Row) => ClusterId;
  /** Null where the statistic is undefined. */
  statistic: (rows: readonly Row[]) => number | null;
  /** @default 2000 */
  replicates?: number;
  /** @default 0 */
  seed?: number;
  /** @default 0.95 */
  level?: number;
}

export function bootstrapStatistic<Row>(options: BootstrapStatisticOptions<Row>): BootstrapInterval {
  const { rows, clusterOf, statistic, replicates = 2000, seed = 0, level = 0.95 } = options;
  assertReplicates(replicates);
  const index = indexIds(rows.map(clusterOf));
  const groups: Row[][] = Array.from({ length: index.size }, () => []);
  for (const row of rows) {
    groups[index.get(clusterOf(row)) ?? -1]?.push(row);
  }
  const rng = createRng({ seed });
  const values = Float64Array.from({ length: replicates }, () => {
    const sample = groups.flatMap(() => groups[rng.below(groups.length)] ?? []);
    return statistic(sample) ?? Number.NaN;
  });
  return intervalOfReplicates(
    { estimate: statistic(rows), n: rows.length, clusters: index.size, crossClusters: null, values },
    { level, bounds: null },
  );
}

/** Trial outcomes as ratio observations, so that any rate or mean of `rates.ts` can be bootstrapped by latent and prompt. */
import type { ClusterId, RatioColumns, RatioObservation } from "./clusters.ts";
import { endColumns, rateColumns } from "./end-columns.ts";
import type { TrialOutcome } from "./rates.ts";

export type RateName =
  | "multi-attempt"
  | "improvement"
  | "esr"
  | "conditional-improvement"
  | "unconditional-improvement"
  | "first-score";

export type ClusteredOutcome = TrialOutcome & { latent: ClusterId; prompt: ClusterId };

export interface RateObservationsOptions {
  outcomes: readonly ClusteredOutcome[];
  rate: RateName;
  /** In score points. @default 0 */
  margin?: number;
  /** @default false */
  excludeDegraded?: boolean;
}

/** The values that each statistic can take, for the bootstrap's fallback. */
export const RATE_BOUNDS: Record<RateName, { lower: number; upper: number }> = {
  "multi-attempt": { lower: 0, upper: 1 },
  improvement: { lower: 0, upper: 1 },
  esr: { lower: 0, upper: 1 },
  "conditional-improvement": { lower: -100, upper: 100 },
  "unconditional-improvement": { lower: -100, upper: 100 },
  "first-score": { lower: 0, upper: 100 },
};

/** One observation a trial of N; latents are the clusters, prompts the crossed clusters. */
export function rateObservations(options: RateObservationsOptions): RatioObservation[] {
  const { outcomes, rate, margin = 0, excludeDegraded = false } = options;
  const columns = rateColumns({ ends: endColumns({ outcomes, excludeDegraded }), rate, margin });
  return observationsOf(columns);
}

/** The same one by one. */
export function observationsOf(columns: RatioColumns): RatioObservation[] {
  const { numerator, denominator, cluster, ids, crossCluster, crossIds } = columns;
  return Array.from(numerator, (top, i) => ({
    numerator: top,
    denominator: denominator[i] ?? 0,
    cluster: ids[cluster[i] ?? -1] ?? "",
    crossCluster: crossIds[crossCluster?.[i] ?? -1] ?? "",
  }));
}

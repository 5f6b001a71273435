/** Trial outcomes as ratio observations, so that any rate or mean of `rates.ts` can be bootstrapped by latent and prompt. */
import type { ClusterId, RatioObservation } from "./clusters.ts";
import { endScores, type TrialOutcome } from "./rates.ts";

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
  return outcomes.flatMap((outcome) => {
    const ends = endScores(outcome);
    if (ends === null || (excludeDegraded && outcome.degraded === true)) {
      return [];
    }
    const multi = Number(ends.attempts >= 2);
    const delta = ends.last - ends.first;
    const improved = multi * Number(delta > margin);
    const [numerator, denominator] = (
      {
        "multi-attempt": [multi, 1],
        improvement: [improved, multi],
        esr: [improved, 1],
        "conditional-improvement": [multi * delta, multi],
        "unconditional-improvement": [delta, 1],
        "first-score": [ends.first, 1],
      } satisfies Record<RateName, [number, number]>
    )[rate];
    return [{ numerator, denominator, cluster: outcome.latent, crossCluster: outcome.prompt }];
  });
}

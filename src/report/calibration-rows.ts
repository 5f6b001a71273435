/** How the strength of each latent was found, and whether it can be trusted. */
import { summarizeMean } from "../stats/mean.ts";
import type { RunStore } from "../store/run-store.ts";

export interface CalibrationRow {
  calibration: string;
  latent: number;
  label: string | null;
  threshold: number;
  /** 90 % credible interval. */
  lower: number;
  upper: number;
  queries: number;
  /** Samples that could be scored, over all queries. */
  scoredSamples: number;
  /** First-attempt scores of fresh samples at the threshold; to be compared with the target. */
  verification: { mean: number | null; n: number };
  stopped: string;
  /** The threshold lies at a bound or was not bracketed: `low` or `high`; null where it was. */
  saturation: "low" | "high" | null;
}

export function calibrationRows({ store }: { store: RunStore }): CalibrationRow[] {
  const labels = new Map(store.latents().map(({ latent, label }) => [latent, label]));
  return store.thresholds().map((found) => {
    const { mean, n } = summarizeMean(found.verification);
    return {
      calibration: found.calibration,
      latent: found.latent,
      label: labels.get(found.latent) ?? null,
      threshold: found.strength,
      lower: found.lower,
      upper: found.upper,
      queries: found.queries.length,
      scoredSamples: found.queries.reduce((sum, { scores }) => sum + scores.length, 0),
      verification: { mean, n },
      stopped: found.stopped,
      saturation: found.warning,
    };
  });
}

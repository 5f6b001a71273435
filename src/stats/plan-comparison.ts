/** How large an experiment has to be to tell two rates apart, in the designs that one can choose between. */
import { pairedPower, pairsNeeded } from "./paired-power.ts";
import { powerTwoProportions, trialsNeeded } from "./power.ts";

export interface PlanComparisonOptions {
  /** The rate without the treatment, 0-1. */
  from: number;
  /** The rate with it. */
  to: number;
  trialsPerLatent: number;
  /** Of two trials of one latent; for pairs, of two differences. */
  icc: number;
  /** Correlations of a unit's outcomes in both arms for which pairs are planned. */
  correlations: readonly number[];
  /** @default 0.8 */
  power?: number;
  /** Two-sided. @default 0.05 */
  alpha?: number;
  /** Also the power that this many latents have. */
  latents?: number;
}

export interface PlannedDesign {
  /** Null for unpaired arms. */
  correlation: number | null;
  /** Latents, shared by both arms if these are paired, else in each; null where the rates are equal. */
  latents: number | null;
  /** Trials in each arm. */
  trialsPerArm: number | null;
  /** With the latents that were asked about; null if none were. */
  powerAtLatents: number | null;
}

export interface ComparisonPlan {
  designEffect: number;
  designs: PlannedDesign[];
}

export function planComparison(options: PlanComparisonOptions): ComparisonPlan {
  const { from: p1, to: p2, trialsPerLatent: clusterSize, icc, correlations, latents } = options;
  const { power = 0.8, alpha = 0.05 } = options;
  const common = { p1, p2, icc, clusterSize, alpha };
  const unpaired = trialsNeeded({ ...common, power });
  const design = (
    correlation: number | null,
    needed: number | null,
    reached: number | null,
  ): PlannedDesign => ({
    correlation,
    latents: needed,
    trialsPerArm: needed === null ? null : needed * clusterSize,
    powerAtLatents: reached,
  });
  const trials = latents === undefined ? null : latents * clusterSize;
  return {
    designEffect: unpaired.designEffect,
    designs: [
      design(
        null,
        unpaired.clustersPerArm,
        trials === null ? null : powerTwoProportions({ ...common, perArm: trials }),
      ),
      ...correlations.map((correlation) =>
        design(
          correlation,
          pairsNeeded({ ...common, correlation, power }).clusters,
          trials === null ? null : pairedPower({ ...common, correlation, pairs: trials }),
        ),
      ),
    ],
  };
}

/** How well one latent tells off-topic readings from on-topic ones. */
import { auc } from "../../stats/auc.ts";
import { pairedEffect } from "../../stats/paired-effect.ts";
import { stratifiedRankTest } from "../../stats/stratified-rank-test.ts";
import type { Alternative } from "../../stats/wilcoxon.ts";
import { type Readings, readingsOf } from "./readings.ts";
import { ACTIVE } from "./rules.ts";

export interface DetectorStatistics {
  /** Chance that an off-topic reading exceeds an on-topic one; the mean over derangements. */
  auc: number;
  /** The same within an answer: its off-topic readings against its own on-topic one. This is what is tested. */
  pairedAuc: number;
  /** Mean values over prompts and derangements. */
  meanOff: number;
  meanOn: number;
  /** Shares of the readings in which it fires. */
  firingOff: number;
  firingOn: number;
  /** Of the stratified rank test, prompts as strata. */
  p: number;
  /** Effect sizes of the prompts' differences (mean over derangements, off - on); null where they don't vary, or are all 0. */
  dz: number | null;
  rankBiserial: number | null;
}

export interface LatentStatistics extends DetectorStatistics {
  latent: number;
  /** AUC in each derangement. */
  aucs: number[];
  /** Whether every on-topic reading counts as silent. */
  silentOn: boolean;
}

export interface LatentStatisticsOptions {
  readings: Readings;
  latent: number;
  /** @default "two-sided" */
  alternative?: Alternative;
}

export function latentStatistics({
  readings,
  latent,
  alternative = "two-sided",
}: LatentStatisticsOptions): LatentStatistics {
  const { on, off } = readingsOf({ readings, latent });
  const aucs = off.map((values) => separation(values, on));
  const strata = on.map((first, unit) => ({ first, others: off.map((values) => values[unit] ?? 0) }));
  const tested = stratifiedRankTest({ strata, alternative });
  const differences = strata.map(({ first, others }) => mean(others) - first);
  const { dz, rankBiserial } = pairedEffect({ differences });
  const allOff = off.flat();
  return {
    latent,
    auc: mean(aucs),
    aucs,
    pairedAuc: tested.auc ?? 0.5,
    meanOff: mean(allOff),
    meanOn: mean(on),
    firingOff: firing(allOff),
    firingOn: firing(on),
    silentOn: on.every((value) => value < ACTIVE),
    p: tested.p,
    dz,
    rankBiserial,
  };
}

/** Share of all readings, on and off topic, in which each latent fires, `[latents]`. It says nothing about the side, so choosing by it leaves the test valid. */
export function firingShares({ latents, units, derangements, on, off }: Readings): Float64Array {
  const shares = new Float64Array(latents);
  for (const values of [on, off]) {
    values.forEach((value, at) => {
      if (value >= ACTIVE) shares[at % latents] = (shares[at % latents] ?? 0) + 1;
    });
  }
  return shares.map((count) => count / (units * (1 + derangements)));
}

function separation(positives: readonly number[], negatives: readonly number[]): number {
  const items = [
    ...positives.map((score) => ({ positive: true, score })),
    ...negatives.map((score) => ({ positive: false, score })),
  ];
  return auc({ items }) ?? 0.5;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function firing(values: readonly number[]): number {
  return mean(values.map((value) => Number(value >= ACTIVE)));
}

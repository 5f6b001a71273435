/**
 * Power of a paired comparison of two rates, tested by latents: the z test of the mean difference, whose variance counts how far the
 * arms' outcomes go together and how far the differences of one latent do.
 */
import { criticalValue, normalCdf } from "./normal.ts";
import { designEffectOf } from "./power.ts";

export interface PairedRates {
  p1: number;
  p2: number;
  /** Correlation of the two arms' outcomes of a unit. 0 is two independent arms. @default 0 */
  correlation?: number;
}

export interface PairedPowerOptions extends PairedRates {
  /** Units, each run in both arms. */
  pairs: number;
  /** Two-sided. @default 0.05 */
  alpha?: number;
  /** Correlation of two differences of one latent. @default 0 */
  icc?: number;
  /** Units of a latent. @default 1 */
  clusterSize?: number;
}

/**
 * Variance of one pair's difference. The correlation is cut to what the two rates allow: two outcomes with different rates can't be
 * fully alike.
 */
export function differenceVariance({ p1, p2, correlation = 0 }: PairedRates): number {
  const v1 = p1 * (1 - p1);
  const v2 = p2 * (1 - p2);
  const most = Math.min(p1, p2) - p1 * p2;
  const least = Math.max(0, p1 + p2 - 1) - p1 * p2;
  const covariance = Math.min(most, Math.max(least, correlation * Math.sqrt(v1 * v2)));
  return v1 + v2 - 2 * covariance;
}

export function pairedPower(options: PairedPowerOptions): number {
  const { p1, p2, pairs, alpha = 0.05, icc = 0, clusterSize = 1 } = options;
  const variance = differenceVariance(options);
  if (variance === 0) return p1 === p2 ? 0 : 1;
  const error = Math.sqrt((variance * designEffectOf({ icc, clusterSize })) / pairs);
  const shift = Math.abs(p1 - p2) / error;
  const z = criticalValue(1 - alpha);
  return normalCdf(shift - z) + normalCdf(-shift - z);
}

export interface PairsNeeded {
  /** Not rounded; null when p1 = p2. */
  pairs: number | null;
  /** Latents, rounded up. */
  clusters: number | null;
  designEffect: number;
}

/** @param power @default 0.8 */
export function pairsNeeded(options: Omit<PairedPowerOptions, "pairs"> & { power?: number }): PairsNeeded {
  const { p1, p2, alpha = 0.05, icc = 0, clusterSize = 1, power = 0.8 } = options;
  if (![p1, p2].every((p) => p >= 0 && p <= 1) || !(alpha > 0 && alpha < power && power < 1)) {
    throw new RangeError(`power needs rates in [0, 1] and alpha < power < 1, got ${JSON.stringify(options)}`);
  }
  const designEffect = designEffectOf({ icc, clusterSize });
  if (p1 === p2) return { pairs: null, clusters: null, designEffect };
  const reached = (pairs: number): number => pairedPower({ ...options, pairs, alpha });
  let upper = 1;
  while (reached(upper) < power) upper *= 2;
  let lower = 0;
  for (let i = 0; i < 100; i++) {
    const middle = (lower + upper) / 2;
    if (reached(middle) < power) lower = middle;
    else upper = middle;
  }
  return { pairs: upper, clusters: Math.ceil(upper / clusterSize), designEffect };
}

/**
 * How many self-corrections and normal answers a training mixes (METHOD.md 9.1): `floor(N p / 100)` of the N self-corrections, and of
 * normal answers as many as make p the percentage of self-corrections, as far as there are so many. 0 % is normal answers only.
 */
import type { Rng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";

export interface MixCounts {
  /** Percentage of self-corrections that was asked for. */
  ratio: number;
  selfCorrections: number;
  normal: number;
  /** Percentage that the counts make; 0 where both are 0. */
  actual: number;
}

/** @param available how many of each there are */
export function mixCounts({
  available,
  ratio,
}: {
  available: { selfCorrections: number; normal: number };
  ratio: number;
}): MixCounts {
  // p / (100 - p) of whole percentages would be inexact: products first
  const selfCorrections = Math.floor((available.selfCorrections * ratio) / 100);
  const wanted = ratio === 0 ? available.normal : Math.floor((selfCorrections * (100 - ratio)) / ratio);
  const normal = Math.min(available.normal, wanted);
  const total = selfCorrections + normal;
  return { ratio, selfCorrections, normal, actual: total === 0 ? 0 : (100 * selfCorrections) / total };
}

/** Samples both without replacement and shuffles them together. One stream may serve the ratios of a sweep one after the other. */
export function mixByRatio<T>({
  selfCorrections,
  normal,
  ratio,
  rng,
}: {
  selfCorrections: readonly T[];
  normal: readonly T[];
  ratio: number;
  rng: Rng;
}): { counts: MixCounts; mixed: T[] } {
  const available = { selfCorrections: selfCorrections.length, normal: normal.length };
  const counts = mixCounts({ available, ratio });
  const sampled = [
    ...shuffle(selfCorrections, rng).slice(0, counts.selfCorrections),
    ...shuffle(normal, rng).slice(0, counts.normal),
  ];
  return { counts, mixed: shuffle(sampled, rng) };
}

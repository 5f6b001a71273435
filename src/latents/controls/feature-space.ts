/** Where a latent lies by how it fires: log frequency and log mean value, each in standard deviations over the latents that count. */
import { summarizeMean } from "../../stats/mean.ts";
import { type Firing, firingOf } from "./firing.ts";

/** `[log frequency, log mean when active]`, standardised. */
export type Point = readonly [number, number];

export interface FeatureSpace {
  /** Null for a latent that isn't one of those that count. */
  point(latent: number): Point | null;
  /** Euclidean; null unless both count. */
  distance(a: number, b: number): number | null;
}

/** @param latents those that fire often enough; they set the scale. */
export function featureSpace({
  firing,
  latents,
}: {
  firing: Firing;
  latents: readonly number[];
}): FeatureSpace {
  const raw = latents.map((latent) => {
    const { frequency, meanActive } = firingOf({ firing, latent });
    return [Math.log(frequency), Math.log(meanActive)] as const;
  });
  const scales = ([0, 1] as const).map((axis) => {
    const { mean, variance } = summarizeMean(raw.map((each) => each[axis]));
    // an axis on which all are alike separates nobody
    return { mean: mean ?? 0, deviation: Math.sqrt(variance ?? 0) || 1 };
  });
  const standardised = (value: number, axis: number) => {
    const { mean, deviation } = scales[axis] ?? { mean: 0, deviation: 1 };
    return (value - mean) / deviation;
  };
  const points = new Map<number, Point>(
    latents.map((latent, i) => {
      const [frequency = 0, mean = 0] = raw[i] ?? [];
      return [latent, [standardised(frequency, 0), standardised(mean, 1)]];
    }),
  );
  const point = (latent: number) => points.get(latent) ?? null;
  return {
    point,
    distance: (a, b) => {
      const [p, q] = [point(a), point(b)];
      return p === null || q === null ? null : Math.hypot(p[0] - q[0], p[1] - q[1]);
    },
  };
}

/** Greedy matching without replacement, in rounds: each detector takes its nearest free latent, the detectors with the fewest near ones first. */
import type { Rng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import type { FeatureSpace } from "./feature-space.ts";

export interface Pick {
  control: number;
  distance: number;
}

export interface DetectorPicks {
  /** Nearest first; at most one a round. */
  picks: Pick[];
  /** Distance of the nearest free latent that lay outside the caliper when a round found none inside; null if no round failed, or none was free. */
  nearestRefused: number | null;
}

export interface NearestFreeOptions {
  /** Detectors that fire. */
  living: readonly number[];
  candidates: readonly number[];
  rounds: number;
  caliper: number;
  space: FeatureSpace;
  /** Breaks ties in the order of the detectors. */
  rng: Rng;
}

export function nearestFree(options: NearestFreeOptions): Map<number, DetectorPicks> {
  const { living, candidates, rounds, caliper, space, rng } = options;
  // ties between candidates go to the one that was shuffled to the front
  const pool = shuffle(candidates, rng);
  const queues = new Map<number, Pick[]>(
    living.map((detector) => {
      const near = pool.map((control) => ({
        control,
        distance: space.distance(detector, control) ?? Number.POSITIVE_INFINITY,
      }));
      return [detector, near.sort((a, b) => a.distance - b.distance)];
    }),
  );
  const inside = (detector: number) =>
    (queues.get(detector) ?? []).filter(({ distance }) => distance <= caliper).length;
  const order = shuffle(living, rng)
    .map((detector) => ({ detector, near: inside(detector) }))
    .sort((a, b) => a.near - b.near);
  const taken = new Set<number>();
  const found = new Map<number, DetectorPicks>(
    living.map((detector) => [detector, { picks: [], nearestRefused: null }]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { detector } of order) {
      const own = found.get(detector);
      const next = queues.get(detector)?.find(({ control }) => !taken.has(control));
      if (own === undefined || next === undefined) continue;
      if (next.distance > caliper) {
        own.nearestRefused ??= next.distance;
        continue;
      }
      taken.add(next.control);
      own.picks.push(next);
    }
  }
  return found;
}

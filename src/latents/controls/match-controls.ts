/**
 * Random latents to clamp in place of the detectors. Matched: alike in how often and how strongly they fire where the clamp acts, because
 * clamping a silent latent does nothing. Uniform: the paper's draw, which matches nothing (METHOD.md 8.4).
 */
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import { type Balance, balanceOf } from "./balance.ts";
import { type FeatureSpace, featureSpace } from "./feature-space.ts";
import type { Firing } from "./firing.ts";
import { nearestFree, type Pick } from "./nearest-free.ts";

export const DRAWS = ["matched", "uniform"] as const;
export type Draw = (typeof DRAWS)[number];

export interface MatchControlsOptions {
  detectors: readonly number[];
  /** Where and on what the clamp will act. */
  firing: Firing;
  /** Latents that are no controls besides the detectors: those that are steered, for one. @default none */
  exclude?: Iterable<number>;
  sets: number;
  seed: number;
  /** @default "matched" */
  draw?: Draw;
  /** Largest distance of a pair, in standard deviations of log frequency and log mean. @default 0.25 */
  caliper?: number;
  /** A latent that fires on fewer rows counts as dead: its mean says nothing. @default 10 */
  minFirings?: number;
}

export interface ControlPair {
  detector: number;
  control: number;
  /** As the caliper; null where one of the two is dead. */
  distance: number | null;
}

export interface Unmatched {
  detector: number;
  /** dead: it hardly fires here, and clamping it does nothing. caliper: no free latent is near enough. */
  reason: "dead" | "caliper";
  /** Sets that lack a control for it. */
  sets: number;
  /** Distance of the nearest latent that was free, above the caliper; null if the detector is dead or none was free. */
  nearest: number | null;
}

export interface ControlSets {
  draw: Draw;
  seed: number;
  caliper: number | null;
  /** Each set has at most one control for each detector; a uniform set's pairs are arbitrary. */
  sets: { pairs: ControlPair[]; balance: Balance }[];
  unmatched: Unmatched[];
  /** Detectors with a control in every set: compare these sets with the ablation of these detectors. */
  matchedInAll: number[];
  pool: { latents: number; detectors: number; excluded: number; dead: number; candidates: number };
  balance: { before: Balance; after: Balance };
  /** The pair of the largest distance. */
  worst: (ControlPair & { set: number }) | null;
  /** Controls that hardly fire here; none in matched sets. */
  deadControls: number;
}

export function matchControls(options: MatchControlsOptions): ControlSets {
  const { detectors, firing, sets, seed, draw = "matched", caliper = 0.25, minFirings = 10 } = options;
  const detectorSet = new Set(detectors);
  const excluded = new Set([...(options.exclude ?? [])].filter((latent) => !detectorSet.has(latent)));
  const all = Array.from({ length: firing.active.length }, (_, latent) => latent);
  const isDead = (latent: number) => (firing.active[latent] ?? 0) < minFirings;
  const free = all.filter((latent) => !detectorSet.has(latent) && !excluded.has(latent));
  const candidates = free.filter((latent) => !isDead(latent));
  const living = detectors.filter((latent) => !isDead(latent));
  const space = featureSpace({ firing, latents: [...candidates, ...living] });
  const context = { detectors, living, candidates, sets, seed, caliper, space };
  const drawn = draw === "matched" ? drawMatched(context) : drawUniform({ ...context, all, detectorSet });
  const balance = (pairs: readonly ControlPair[]) =>
    balanceOf({ space, detectors: living, pool: candidates, controls: pairs });
  const pairs = drawn.sets.flatMap((set, i) => set.map((pair) => ({ ...pair, set: i })));
  const measured = pairs.filter(({ distance }) => distance !== null);
  return {
    draw,
    seed,
    caliper: draw === "matched" ? caliper : null,
    sets: drawn.sets.map((set) => ({ pairs: set, balance: balance(set) })),
    unmatched: drawn.unmatched,
    matchedInAll: detectors.filter((each) =>
      drawn.sets.every((set) => set.some(({ detector }) => detector === each)),
    ),
    pool: {
      latents: all.length,
      detectors: detectors.length,
      excluded: excluded.size,
      dead: free.length - candidates.length,
      candidates: candidates.length,
    },
    balance: {
      before: balanceOf({ space, detectors: living, pool: candidates, controls: null }),
      after: balance(pairs),
    },
    worst: measured.toSorted((a, b) => (b.distance ?? 0) - (a.distance ?? 0))[0] ?? null,
    deadControls: pairs.filter(({ control }) => isDead(control)).length,
  };
}

interface Drawn {
  sets: ControlPair[][];
  unmatched: Unmatched[];
}

interface DrawContext {
  detectors: readonly number[];
  living: readonly number[];
  candidates: readonly number[];
  sets: number;
  seed: number;
  caliper: number;
  space: FeatureSpace;
}

/** No latent twice, within sets and across them. A detector's controls are dealt to the sets at random, so that no set gets all the nearest. */
function drawMatched({ detectors, living, candidates, sets, seed, caliper, space }: DrawContext): Drawn {
  const picks = nearestFree({ living, candidates, rounds: sets, caliper, space, rng: createRng({ seed }) });
  const rng = createRng({ seed, stream: 1 });
  const made: ControlPair[][] = Array.from({ length: sets }, () => []);
  const unmatched: Unmatched[] = [];
  for (const detector of detectors) {
    const own = picks.get(detector);
    if (own === undefined) {
      unmatched.push({ detector, reason: "dead", sets, nearest: null });
      continue;
    }
    const dealt: (Pick | null)[] = [...own.picks, ...new Array<null>(sets - own.picks.length).fill(null)];
    shuffle(dealt, rng).forEach((pick, set) => {
      if (pick !== null) made[set]?.push({ detector, ...pick });
    });
    if (own.picks.length < sets) {
      unmatched.push({
        detector,
        reason: "caliper",
        sets: sets - own.picks.length,
        nearest: own.nearestRefused,
      });
    }
  }
  return { sets: made, unmatched };
}

/** Each set for itself from all latents but the detectors, dead and steered ones included, as the paper's code draws (METHOD.md 8.4). */
function drawUniform({
  detectors,
  sets,
  seed,
  space,
  all,
  detectorSet,
}: DrawContext & { all: readonly number[]; detectorSet: ReadonlySet<number> }): Drawn {
  const others = all.filter((latent) => !detectorSet.has(latent));
  return {
    sets: Array.from({ length: sets }, (_, set) => {
      const order = shuffle(others, createRng({ seed: seed + set }));
      return detectors.slice(0, order.length).map((detector, i) => {
        const control = order[i] ?? detector;
        return { detector, control, distance: space.distance(detector, control) };
      });
    }),
    unmatched: [],
  };
}

/** Trials of two arms that share their units. */
import type { EndColumns } from "../stats/end-columns.ts";
import type { TrialSet } from "./trial-set.ts";

/** The i-th trials of both are of one unit. */
export interface PairedSets {
  first: TrialSet;
  second: TrialSet;
}

const known = new WeakMap<TrialSet, WeakMap<TrialSet, PairedSets>>();

/** In the order of the first arm. */
export function pairArms(arms: PairedSets): PairedSets {
  const { first, second } = arms;
  const before = known.get(first)?.get(second);
  if (before !== undefined) return before;
  const inSecond = new Map<string, number>();
  for (let i = 0; i < second.length; i++) inSecond.set(second.facts.unit[second.places[i] ?? -1] ?? "", i);
  const chosen: number[] = [];
  const partners: number[] = [];
  for (let i = 0; i < first.length; i++) {
    const partner = inSecond.get(first.facts.unit[first.places[i] ?? -1] ?? "");
    if (partner === undefined) continue;
    chosen.push(i);
    partners.push(partner);
  }
  const pairs = { first: first.choose(chosen), second: second.choose(partners) };
  const ofFirst = known.get(first) ?? new WeakMap<TrialSet, PairedSets>();
  known.set(first, ofFirst.set(second, pairs));
  return pairs;
}

/** Of which both trials have a score. */
export function scoredPairs({ first, second }: PairedSets): PairedSets {
  const chosen = Array.from(first.places, (_, i) => i).filter((i) => first.isScored(i) && second.isScored(i));
  return { first: first.choose(chosen), second: second.choose(chosen) };
}

export interface PairedEnds {
  /** Pairs. */
  count: number;
  first: EndColumns;
  second: EndColumns;
}

const knownEnds = new WeakMap<PairedSets, PairedEnds>();

/** Of the pairs of which both trials have a score; every outcome of two arms is made of the same. */
export function pairedEnds(pairs: PairedSets): PairedEnds {
  const before = knownEnds.get(pairs);
  if (before !== undefined) return before;
  const scored = scoredPairs(pairs);
  const clusters = clustersOf(scored);
  const ends = {
    count: scored.first.length,
    first: scored.first.ends({ clusters }),
    second: scored.second.ends({ clusters }),
  };
  knownEnds.set(pairs, ends);
  return ends;
}

/** Both halves of a pair lie in one cluster, also where one arm names no latent. */
export function clustersOf({ first, second }: PairedSets): Int32Array {
  const others = second.clusters();
  return first.clusters().map((own, i) => (own < 0 ? (others[i] ?? own) : own));
}

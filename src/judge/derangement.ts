/** A seeded derangement by group: pairs each item with one of another group, and each item is used once. */
import { createRng } from "../stats/rng.ts";
import { shuffle } from "../stats/shuffle.ts";

export interface DerangementOptions {
  /** What an item must not be paired with: its own prompt. `[items]`. */
  groups: readonly string[];
  seed: number;
}

/**
 * `partner[i]` is the index of the item that item i is paired with; a permutation. Throws RangeError if more than half of the items
 * are of one group, because then there is none.
 */
export function derange({ groups, seed }: DerangementOptions): number[] {
  const members = new Map<string, number[]>();
  groups.forEach((group, i) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, [i]);
    else known.push(i);
  });
  const most = Math.max(0, ...[...members.values()].map(({ length }) => length));
  if (most * 2 > groups.length) {
    throw new RangeError(`no derangement: ${most} of ${groups.length} items are of one group`);
  }
  const rng = createRng({ seed });
  // items of a group lie together, so a shift by the largest group leaves every group
  const order = shuffle([...members.values()], rng).flatMap((group) => shuffle(group, rng));
  const partner = new Array<number>(groups.length).fill(-1);
  order.forEach((item, place) => {
    partner[item] = order[(place + most) % order.length] ?? item;
  });
  return partner;
}

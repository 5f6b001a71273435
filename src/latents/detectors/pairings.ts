/** Which prompts select and which confirm, and which other prompt an answer is read under. */
import type { Rng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";

/**
 * Derangements of `0..items-1` in which no item meets the same partner twice: turns of one random circle. `[count][items]`.
 * Distinct partners make a prompt's own reading and its others exchangeable where a latent doesn't care about the topic.
 * Throws RangeError for more than items - 1.
 */
export function derangements({ items, count, rng }: { items: number; count: number; rng: Rng }): number[][] {
  if (count > items - 1) throw new RangeError(`${items} items have no ${count} derangements without repeats`);
  const order = shuffle(range(items), rng);
  const turns = shuffle(range(items - 1), rng).slice(0, count);
  return turns.map((turn) => {
    const partner = new Array<number>(items).fill(-1);
    order.forEach((item, place) => {
      partner[item] = order[(place + turn + 1) % items] ?? item;
    });
    return partner;
  });
}

/** Random halves (or other shares) of the prompts, each in the order given. */
export function splitPrompts({
  prompts,
  holdOut,
  rng,
}: {
  prompts: readonly string[];
  holdOut: number;
  rng: Rng;
}): { selection: string[]; confirmation: string[] } {
  const kept = new Set(shuffle(prompts, rng).slice(0, Math.round(prompts.length * holdOut)));
  return {
    selection: prompts.filter((prompt) => !kept.has(prompt)),
    confirmation: prompts.filter((prompt) => kept.has(prompt)),
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

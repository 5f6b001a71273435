/** Random order. */
import type { Rng } from "./rng.ts";

/** A shuffled copy (Fisher-Yates). */
export function shuffle<T>(items: readonly T[], rng: Rng): T[] {
  const rest = [...items];
  const shuffled: T[] = [];
  while (rest.length > 0) shuffled.push(...rest.splice(rng.below(rest.length), 1));
  return shuffled;
}

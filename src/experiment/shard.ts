/**
 * A part of a run, for job arrays: each shard does its own units in every arm, and `countersteer merge` puts them together. Which shard a unit
 * belongs to follows from the unit alone, so that shards may start, stop and go on in any order. Thresholds are those of the whole run in every
 * shard: found anew, which gives the same ones where the engine is deterministic, or taken from one that has them with `--reuse`.
 */
import { CountersteerError } from "../errors.ts";
import { type Shard, shardSchema } from "../store/shard.ts";
import type { Unit } from "./arms.ts";

/** A unit's seed is a hash of the run's seed, the latent, the prompt and the draw: the same unit is in the same shard on any machine. */
export function inShard({ shard, unit }: { shard: Shard | null; unit: Pick<Unit, "seed"> }): boolean {
  return shard === null || unit.seed % shard.count === shard.index - 1;
}

/** `2/8`. Throws CONFIG_INVALID. */
export function readShard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const parsed = shardSchema.safeParse({ index: Number(index), count: Number(count) });
  if (parsed.success) return parsed.data;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `"${text}" is no shard.`,
    why: "A shard is its number and how many there are, from 1/n to n/n.",
    todo: "Give, for example, --shard 2/8.",
    facts: { shard: text },
  });
}

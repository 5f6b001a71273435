/** Which part of a run a folder holds. */
import { z } from "zod";
import type { Manifest } from "./manifest.ts";

export const shardSchema = z
  .strictObject({
    /** From 1. */
    index: z.int().min(1),
    count: z.int().min(1),
  })
  .refine(({ index, count }) => index <= count, {
    path: ["index"],
    message: "is above the number of shards",
  });
export type Shard = z.infer<typeof shardSchema>;

/** null for a whole run. */
export function shardOf({ config }: Pick<Manifest, "config">): Shard | null {
  const parsed = shardSchema.safeParse(config.shard);
  return parsed.success ? parsed.data : null;
}

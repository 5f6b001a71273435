/** A random sample of trials that does not change when trials are added elsewhere, and grows without changing when more are asked for. */
import { createHash } from "node:crypto";

/** `count` of the keys, or all where there are fewer; in random order. */
export function sampleKeys({
  keys,
  count,
  seed,
}: {
  keys: readonly string[];
  count: number;
  seed: number;
}): string[] {
  const order = (key: string) => createHash("sha256").update(`sample:${seed}:${key}`).digest("hex");
  return keys
    .map((key) => ({ key, at: order(key) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, count)
    .map(({ key }) => key);
}

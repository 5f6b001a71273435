import { describe, expect, it } from "vitest";
import { isCode } from "../errors.ts";
import { inShard, readShard } from "./shard.ts";
import { unitsOf } from "./units.ts";

const units = [3, 14, 159].flatMap((latent) =>
  unitsOf({ latent, strength: 10, prompts: ["a", "b", "c"], count: 100, seed: 5 }),
);

describe("shards", () => {
  it.each([1, 2, 7])("%i of them hold every unit exactly once", (count) => {
    const shards = Array.from({ length: count }, (_, i) =>
      units.filter((unit) => inShard({ shard: { index: i + 1, count }, unit })),
    );
    expect(shards.flat().toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
      units.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    );
    for (const shard of shards) expect(shard.length).toBeGreaterThan(units.length / count / 2);
  });

  it("are named i/n, from 1", () => {
    expect(readShard("2/8")).toEqual({ index: 2, count: 8 });
    for (const wrong of ["0/8", "9/8", "2", "2/0", "-1/3", "a/b", "1/2/3", ""]) {
      try {
        readShard(wrong);
        expect.unreachable();
      } catch (error) {
        expect(isCode(error, "CONFIG_INVALID")).toBe(true);
      }
    }
  });
});

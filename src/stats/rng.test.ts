import { expect, test } from "vitest";
import { createRng } from "./rng.ts";

const take = (seed: number, stream: number, count: number): number[] => {
  const rng = createRng({ seed, stream });
  return Array.from({ length: count }, () => rng.next());
};

test("the same seed and stream give the same numbers", () => {
  expect(take(7, 3, 50)).toEqual(take(7, 3, 50));
});

test("the stream is pinned, because stored intervals depend on it", () => {
  expect(take(0, 0, 3)).toMatchInlineSnapshot(`
    [
      0.3841686850198649,
      0.7052942817526268,
      0.807773597762599,
    ]
  `);
  expect(take(2 ** 53 - 1, 2 ** 32 - 1, 2)).toMatchInlineSnapshot(`
    [
      0.732221389380027,
      0.9901499386532242,
    ]
  `);
});

test("neighbouring seeds and streams are unrelated", () => {
  const firsts = new Set<number>();
  for (let i = 0; i < 200; i++) {
    firsts.add(take(i, 0, 1)[0] ?? -1);
    firsts.add(take(0, i + 1, 1)[0] ?? -1);
    firsts.add(take(i + 2 ** 32, 0, 1)[0] ?? -1);
  }
  expect(firsts.size).toBe(600);
});

test("draws are uniform and in range", () => {
  const rng = createRng({ seed: 1 });
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const at = rng.below(10);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  // chi-square with 9 degrees of freedom: 33.7 is the 0.9999 quantile
  const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  expect(counts).toHaveLength(10);
  expect(chi).toBeLessThan(33.7);
});

test("a seed that isn't a whole number is refused", () => {
  expect(() => createRng({ seed: 0.5 })).toThrow(RangeError);
  expect(() => createRng({ seed: -1 })).toThrow(RangeError);
  expect(() => createRng({ seed: 1, stream: 2 ** 32 })).toThrow(RangeError);
});

import { expect, test } from "vitest";
import { createRng } from "../stats/rng.ts";
import { chooseContrastSize } from "./choose-contrast-size.ts";

/** Scores that differ by `gap` deviations. */
function candidate({ contrastSize, gap, seed }: { contrastSize: number; gap: number; seed: number }) {
  const rng = createRng({ seed });
  const draw = () => rng.next() + rng.next() + rng.next() + rng.next() - 2;
  const on = Array.from({ length: 200 }, () => draw() + gap);
  return { contrastSize, on, off: on.map(() => draw()) };
}

test("the smallest size that can't be told from the best is chosen, and a clearly worse one is not", () => {
  const candidates = [
    candidate({ contrastSize: 1, gap: 0.3, seed: 1 }),
    candidate({ contrastSize: 2, gap: 2, seed: 2 }),
    candidate({ contrastSize: 4, gap: 2.01, seed: 2 }),
  ];
  const { chosen, below } = chooseContrastSize({ candidates, seed: 1 });
  expect(chosen).toBe(2);
  expect(below[0]?.lower).toBeGreaterThan(0);
});

test("of equal sizes the smallest is chosen; without answers none", () => {
  const one = candidate({ contrastSize: 1, gap: 1, seed: 3 });
  expect(chooseContrastSize({ candidates: [one, { ...one, contrastSize: 8 }], seed: 1 }).chosen).toBe(1);
  expect(
    chooseContrastSize({ candidates: [{ contrastSize: 1, on: [], off: [] }], seed: 1 }).chosen,
  ).toBeNull();
});

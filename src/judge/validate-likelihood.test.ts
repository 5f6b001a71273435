import { expect, test } from "vitest";
import { scoreDeciles } from "./validate-likelihood.ts";

test("every score falls in one decile, 0 in the first and 100 in the last", () => {
  const scores = [0, 9.99, 10, 55, 99, 100];
  const deciles = scoreDeciles({ items: scores.map((score) => ({ positive: score > 50, score })) });
  expect(deciles.map(({ count }) => count)).toEqual([2, 1, 0, 0, 0, 1, 0, 0, 0, 2]);
  expect(deciles.map(({ onTopic }) => onTopic)).toEqual([0, 0, null, null, null, 1, null, null, null, 1]);
});

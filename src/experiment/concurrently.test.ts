import { expect, test } from "vitest";
import { concurrently } from "./concurrently.ts";

test("every item is done once and never more than the limit run together", async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await concurrently({
    items: Array.from({ length: 50 }, (_, i) => i),
    limit: 7,
    task: async (item) => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      done.push(item);
    },
  });
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(most).toBe(7);
});

test("the first error is thrown after the running tasks ended, and no further task begins", async () => {
  const started: number[] = [];
  let finished = 0;
  const run = concurrently({
    items: [0, 1, 2, 3, 4, 5],
    limit: 2,
    task: async (item) => {
      started.push(item);
      await new Promise((resolve) => setTimeout(resolve, item === 0 ? 1 : 5));
      if (item === 0) {
        throw new Error("first");
      }
      finished++;
    },
  });
  await expect(run).rejects.toThrow("first");
  expect(started).toEqual([0, 1]);
  expect(finished).toBe(1);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../stats/rng.ts";
import { type SearchSettings, searchThreshold } from "./search.ts";

const SETTINGS: SearchSettings = {
  target: 30,
  range: [0, 160],
  priorMean: 75,
  priorStd: 40,
  minQueries: 4,
  maxQueries: 12,
  relativeWidth: 0.15,
};

/** A score curve that falls from 90 to 0 around `middle`, with noise. */
function judge(middle: number, seed: number) {
  const rng = createRng({ seed });
  return async ({ strength }: { strength: number }) =>
    Array.from({ length: 3 }, () => {
      const mean = 90 / (1 + Math.exp((strength - middle) / 8));
      return Math.min(100, Math.max(0, mean + 30 * (rng.next() - 0.5)));
    });
}

test("the search lands near the strength at which the score is the target", async () => {
  const errors: number[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const middle = 30 + seed * 1.5;
    const { strength } = await searchThreshold({ settings: SETTINGS, ask: judge(middle, seed) });
    errors.push(strength - (middle + 8 * Math.log(2)));
  }
  const bias = errors.reduce((a, b) => a + b, 0) / errors.length;
  expect(Math.abs(bias)).toBeLessThan(4);
  expect(errors.filter((error) => Math.abs(error) > 15).length).toBeLessThan(6);
});

test("the search ends, never asks outside its range and depends on the answers alone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 100 })), async (stream) => {
      const asked: number[] = [];
      const answers: number[] = [];
      for (const value of stream) {
        answers.push(value);
        if (answers.length === 40) {
          break;
        }
      }
      const run = (into: number[]) =>
        searchThreshold({
          settings: SETTINGS,
          ask: async ({ strength, index }) => {
            into.push(strength);
            return [answers[index] ?? 0];
          },
        });
      const first = await run(asked);
      const again = await run([]);
      expect(again).toEqual(first);
      expect(asked.length).toBeLessThanOrEqual(SETTINGS.maxQueries);
      expect(asked.every((strength) => strength >= 0 && strength <= 160)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("answers that are always on topic are reported as never bracketed, always off topic likewise", async () => {
  const always = (score: number) => searchThreshold({ settings: SETTINGS, ask: async () => [score, score] });
  expect((await always(100)).warning).toBe("high");
  expect((await always(0)).warning).toBe("low");
});

test("queries that can't be scored end the search instead of repeating it for ever", async () => {
  const result = await searchThreshold({ settings: SETTINGS, ask: async () => [] });
  expect(result.stopped).toBe("unscorable");
  expect(result.queries).toHaveLength(3);
});

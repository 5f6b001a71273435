import fc from "fast-check";
import { expect, test } from "vitest";
import { MeasuringPace } from "./measuring-pace.ts";

test("measurements never overlap, come at least 12 tokens apart, and read a bounded multiple of the answer", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }), async (waits) => {
      const measured: number[] = [];
      let running = 0;
      let most = 0;
      const pace = new MeasuringPace({
        measure: async (tokens) => {
          measured.push(tokens);
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
        },
      });
      for (const [i, wait] of waits.entries()) {
        pace.grown(i + 1);
        if (wait) await new Promise(setImmediate);
      }
      await pace.stop();
      expect(most).toBeLessThanOrEqual(1);
      measured.forEach((tokens, i) => {
        expect(tokens - (measured[i - 1] ?? 0)).toBeGreaterThanOrEqual(12);
      });
      const read = measured.reduce((sum, tokens) => sum + tokens, 0);
      expect(read).toBeLessThanOrEqual(5 * waits.length);
    }),
  );
});

test("a measurement that fails is followed by the next one", async () => {
  const measured: number[] = [];
  const pace = new MeasuringPace({
    measure: async (tokens) => {
      measured.push(tokens);
      throw new Error("no");
    },
  });
  for (const tokens of [12, 24]) {
    pace.grown(tokens);
    await new Promise(setImmediate);
  }
  await pace.stop();
  expect(measured).toEqual([12, 24]);
});

test("stopping gives up the one that runs, and none begins after it", async () => {
  const measured: number[] = [];
  const pace = new MeasuringPace({
    measure: (tokens, signal) => {
      measured.push(tokens);
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("given up")));
      });
    },
  });
  pace.grown(12);
  await pace.stop();
  pace.grown(100);
  expect(measured).toEqual([12]);
});

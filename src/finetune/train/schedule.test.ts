import fc from "fast-check";
import { expect, test } from "vitest";
import { learningRateAt } from "./schedule.ts";

test("the rate rises to its peak in the warm-up, and falls afterwards, always above 0", () => {
  fc.assert(
    fc.property(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 200 }), (warmUpSteps, totalSteps) => {
      const rates = Array.from({ length: totalSteps }, (_, step) =>
        learningRateAt({ learningRate: 0.5, warmUpSteps, totalSteps, step }),
      );
      const top = Math.min(warmUpSteps, totalSteps);
      for (const [step, rate] of rates.entries()) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(0.5);
        const before = rates[step - 1] ?? 0;
        if (step > 0 && step < top) expect(rate).toBeGreaterThan(before);
        if (step > top) expect(rate).toBeLessThan(before);
      }
      expect(Math.max(...rates)).toBe(0.5);
    }),
  );
});

test("halfway down the cosine the rate is half the peak", () => {
  expect(learningRateAt({ learningRate: 1, warmUpSteps: 10, totalSteps: 110, step: 60 })).toBeCloseTo(
    0.5,
    12,
  );
});

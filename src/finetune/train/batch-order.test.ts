import fc from "fast-check";
import { expect, test } from "vitest";
import { batchAt, stepsPerEpoch } from "./batch-order.ts";

test("the steps of an epoch take every example once, and epochs differ in their order", () => {
  const count = fc.integer({ min: 12, max: 90 });
  fc.assert(
    fc.property(count, fc.integer({ min: 1, max: 9 }), fc.nat(), (examples, batch, seed) => {
      const steps = stepsPerEpoch({ examples, batch });
      const epochs = [0, 1].map((epoch) =>
        Array.from({ length: steps }, (_, i) => batchAt({ examples, batch, seed, step: epoch * steps + i })),
      );
      const orders = epochs.map((each) => each.flatMap(({ indices }) => indices));
      for (const order of orders) {
        expect(order.toSorted((a, b) => a - b)).toEqual([...Array(examples).keys()]);
      }
      expect(orders[0]).not.toEqual(orders[1]);
      expect(epochs.map((each) => new Set(each.map(({ epoch }) => epoch)))).toEqual([
        new Set([0]),
        new Set([1]),
      ]);
    }),
  );
});

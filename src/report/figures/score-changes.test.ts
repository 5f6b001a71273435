import fc from "fast-check";
import { expect, it } from "vitest";
import { CHANGE_BINS, changeBins } from "./score-changes.ts";

const changes = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 });

it("every change lies in exactly one bin, which holds it", () => {
  fc.assert(
    fc.property(changes, (values) => {
      const bins = changeBins({ arm: "a", changes: values });
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
      for (const { from, to, count } of bins) {
        const slack = 1e-9;
        const near = values.filter((value) => value >= from - slack && value <= to + slack);
        expect(near.length).toBeGreaterThanOrEqual(count);
      }
    }),
  );
});

it("no change is the middle of the middle bin, and the ends are bins of their own", () => {
  const bins = changeBins({ arm: "a", changes: [-100, 0, 0, 100] });
  expect(bins.map(({ count }) => count)).toEqual([1, 2, 1]);
  expect(bins.map(({ from, to }) => (from + to) / 2)).toEqual([-100, expect.closeTo(0), expect.closeTo(100)]);
  const [first] = bins;
  expect((first?.to ?? 0) - (first?.from ?? 0)).toBeCloseTo(200 / (CHANGE_BINS - 1));
});

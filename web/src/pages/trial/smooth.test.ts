import fc from "fast-check";
import { expect, it } from "vitest";
import { smooth } from "./smooth.ts";

const values = fc.array(fc.option(fc.double({ noNaN: true, min: -100, max: 100 })), { maxLength: 60 });
const window = fc.constantFrom(1, 3, 5, 15, 99);

it("keeps the length and which tokens have no value", () => {
  fc.assert(
    fc.property(values, window, (curve, wide) => {
      const means = smooth({ values: curve, window: wide });
      expect(means.map((value) => value === null)).toEqual(curve.map((value) => value === null));
    }),
  );
});

it("stays within the values that it averages", () => {
  fc.assert(
    fc.property(values, window, (curve, wide) => {
      const half = Math.floor(wide / 2);
      for (const [token, mean] of smooth({ values: curve, window: wide }).entries()) {
        if (mean === null) continue;
        const near = curve
          .slice(Math.max(0, token - half), token + half + 1)
          .filter((value) => value !== null);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...near) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...near) + 1e-9);
      }
    }),
  );
});

it("averages over neighbours on either side, fewer at the ends", () => {
  expect(smooth({ values: [3, 0, 3, null, 6], window: 3 })).toEqual([1.5, 2, 1.5, null, 6]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { clopperPearson } from "./clopper-pearson.ts";
import { wilson } from "./wilson.ts";

const counts = fc
  .integer({ min: 1, max: 3000 })
  .chain((n) => fc.record({ n: fc.constant(n), successes: fc.integer({ min: 0, max: n }) }));

test("both intervals hold the estimate, stay in [0, 1] and have a width", () => {
  fc.assert(
    fc.property(counts, fc.constantFrom(0.5, 0.9, 0.95, 0.999), ({ n, successes }, level) => {
      for (const interval of [wilson, clopperPearson]) {
        const { estimate, lower, upper } = interval({ successes, n, level });
        expect(lower).toBeLessThanOrEqual(estimate ?? -1);
        expect(upper).toBeGreaterThanOrEqual(estimate ?? 2);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThanOrEqual(1);
        expect(upper).toBeGreaterThan(lower);
      }
    }),
  );
});

test("successes and failures are mirror images", () => {
  fc.assert(
    fc.property(counts, ({ n, successes }) => {
      for (const interval of [wilson, clopperPearson]) {
        const one = interval({ successes, n });
        const other = interval({ successes: n - successes, n });
        expect(one.lower).toBeCloseTo(1 - other.upper, 10);
      }
    }),
  );
});

test("no trials say nothing: [0, 1] without an estimate", () => {
  for (const interval of [wilson, clopperPearson]) {
    expect(interval({ successes: 0, n: 0 })).toEqual({
      estimate: null,
      lower: 0,
      upper: 1,
      n: 0,
      level: 0.95,
      method: "no-data",
    });
  }
});

test("impossible counts are refused", () => {
  expect(() => wilson({ successes: 3, n: 2 })).toThrow(RangeError);
  expect(() => wilson({ successes: -1, n: 2 })).toThrow(RangeError);
  expect(() => wilson({ successes: 1, n: Number.NaN })).toThrow(RangeError);
  expect(() => wilson({ successes: 1, n: 2, level: 1 })).toThrow(RangeError);
  expect(() => clopperPearson({ successes: 0.5, n: 2 })).toThrow(RangeError);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { domainOf, heightOf, linePath, ticksOf } from "./line-path.ts";

const curve = fc.array(fc.option(fc.double({ noNaN: true, min: -1e4, max: 1e4 })), { maxLength: 40 });

it("has a domain that holds 0 and every value", () => {
  fc.assert(
    fc.property(curve, curve, (a, b) => {
      const domain = domainOf([a, b]);
      for (const value of [0, ...a, ...b]) {
        if (value === null) continue;
        const height = heightOf(value, domain);
        expect(height).toBeGreaterThanOrEqual(0);
        expect(height).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it("begins anew behind a token without a value", () => {
  expect(linePath([0, 1, null, 0.5], { low: 0, high: 1 })).toBe("M0.5 1h0L1.5 0M3.5 0.5h0");
});

it("has one to six ticks within the domain, equally far apart, 0 among them", () => {
  fc.assert(
    fc.property(curve, (values) => {
      const domain = domainOf([values]);
      fc.pre(domain.high - domain.low > 1e-6);
      const ticks = ticksOf(domain);
      expect(ticks).toContain(0);
      expect(ticks.length).toBeLessThanOrEqual(6);
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(domain.low - 1e-9);
        expect(tick).toBeLessThanOrEqual(domain.high + 1e-9);
      }
    }),
  );
});

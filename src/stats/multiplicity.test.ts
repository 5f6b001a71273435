import fc from "fast-check";
import { expect, test } from "vitest";
import { benjaminiHochberg } from "./benjamini-hochberg.ts";
import { holm } from "./holm.ts";

const family = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

test("adjusted p-values keep the order, never shrink and stay at most 1", () => {
  fc.assert(
    fc.property(family, (p) => {
      for (const adjust of [holm, benjaminiHochberg]) {
        const adjusted = adjust({ p });
        const order = p.map((_, i) => i).sort((i, j) => (p[i] ?? 0) - (p[j] ?? 0));
        order.forEach((at, rank) => {
          // one rounding of p * n / n
          expect(adjusted[at]).toBeGreaterThanOrEqual((p[at] ?? 2) * (1 - 1e-15));
          expect(adjusted[at]).toBeLessThanOrEqual(1);
          const previous = order[rank - 1];
          expect(adjusted[at]).toBeGreaterThanOrEqual(previous === undefined ? 0 : (adjusted[previous] ?? 2));
        });
      }
    }),
  );
});

test("Holm lies between Benjamini-Hochberg and Bonferroni", () => {
  fc.assert(
    fc.property(family, (p) => {
      const step = holm({ p });
      const discovery = benjaminiHochberg({ p });
      p.forEach((value, i) => {
        expect(step[i]).toBeLessThanOrEqual(Math.min(1, value * p.length));
        expect(step[i]).toBeGreaterThanOrEqual((discovery[i] ?? 2) * (1 - 1e-12));
      });
    }),
  );
});

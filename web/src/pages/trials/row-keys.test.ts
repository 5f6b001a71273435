import fc from "fast-check";
import { expect, it } from "vitest";
import { rowForKey } from "./row-keys.ts";

const keys = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"];

it("leads to a row of the table", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...keys),
      fc.option(fc.nat({ max: 300 })),
      fc.integer({ min: 1, max: 200 }),
      fc.nat({ max: 40 }),
      (key, row, total, page) => {
        const to = rowForKey({ key, row, total, page });
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThan(total);
      },
    ),
  );
});

it("begins at the first row", () => {
  expect(rowForKey({ key: "ArrowDown", row: null, total: 9, page: 5 })).toBe(0);
});

it("keeps one row in view when it turns a page", () => {
  expect(rowForKey({ key: "PageDown", row: 0, total: 100, page: 10 })).toBe(9);
});

it("leaves other keys and empty tables alone", () => {
  expect(rowForKey({ key: "x", row: 3, total: 9, page: 5 })).toBeNull();
  expect(rowForKey({ key: "End", row: null, total: 0, page: 5 })).toBeNull();
});

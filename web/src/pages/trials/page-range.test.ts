import fc from "fast-check";
import { expect, it } from "vitest";
import { pagesFor } from "./page-range.ts";

const view = fc
  .record({
    first: fc.nat({ max: 5000 }),
    rows: fc.nat({ max: 60 }),
    size: fc.integer({ min: 1, max: 200 }),
    total: fc.integer({ min: 1, max: 5000 }),
    ahead: fc.nat({ max: 400 }),
  })
  .map(({ first, rows, ...rest }) => ({ ...rest, first, last: first + rows }));

it("covers every row in view and ahead of it, with no page twice and none beyond the table", () => {
  fc.assert(
    fc.property(view, (options) => {
      const { first, last, size, total, ahead } = options;
      const pages = pagesFor(options);
      expect(new Set(pages).size).toBe(pages.length);
      expect(pages.every((page) => page >= 0 && page * size < total)).toBe(true);
      for (const row of [first - ahead, first, last, last + ahead]) {
        const inside = Math.max(0, Math.min(row, total - 1));
        expect(pages).toContain(Math.floor(inside / size));
      }
    }),
  );
});

it("asks for pages in view before pages ahead, the nearest first", () => {
  expect(pagesFor({ first: 450, last: 470, size: 100, total: 10_000, ahead: 150 })).toEqual([4, 5, 3, 6]);
});

it("asks for nothing of an empty table", () => {
  expect(pagesFor({ first: 0, last: 20, size: 100, total: 0, ahead: 100 })).toEqual([]);
});

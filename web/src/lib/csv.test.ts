import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvText } from "./csv.ts";

test("a reader of CSV gets the cells back", () => {
  const cell = fc.oneof(
    fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text)),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
      const read: unknown = parse(csvText(["a", "b"], rows), { relax_column_count: false });
      const texts = rows.map((row) => row.map((each) => (each === null ? "" : String(each))));
      expect(read).toEqual([["a", "b"], ...texts]);
    }),
  );
});

test("a text is never a formula", () => {
  expect(csvText(["=1+1"], [["@SUM(A1)"], [-5]])).toBe("'=1+1\r\n'@SUM(A1)\r\n-5\r\n");
});

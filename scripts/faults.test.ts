/** `docs/faults.md` and the tests of faults name each other: a row without a test, or a test without a row, fails here or there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../src/errors.ts";
import { documentedFaults } from "../test/support/faults/documented.ts";

const root = join(import.meta.dirname, "..");
const FOLDERS = ["test/faults", "test/model/faults"];
const rows = documentedFaults();

test("every table row of the page ends with a test, and is whole", () => {
  const text = readFileSync(join(root, "docs/faults.md"), "utf8");
  // a table that is made of measurements names no tests
  const lines = text.replace(/<!-- bench:.*?<!-- \/bench -->/gs, "").split("\n");
  const body = lines.filter((line, i) => /^\| /.test(line) && /^\|/.test(lines[i - 1] ?? ""));
  expect(rows.length).toBe(body.length);
  expect(rows.length).toBeGreaterThanOrEqual(15);
  for (const { cells } of rows) {
    expect(cells.length).toBe(5);
    for (const cell of cells) expect(cell).toMatch(/\S/);
  }
});

test.each(rows.map((row) => [row.title, row] as const))("%s", (title, { file, codes }) => {
  const path = join(root, file);
  expect(existsSync(path)).toBe(true);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(`title: "${title}"`);
  // a row that promises a code is tested for it, and one that promises none ends well
  expect(text).toContain("faultTest({");
  for (const code of codes) expect(ERROR_CODES).toContain(code);
});

test("every test file of a fault has a row", () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  expect([...new Set(rows.map(({ file }) => file))].sort()).toEqual(files.sort());
});

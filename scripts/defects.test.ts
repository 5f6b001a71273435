/** `docs/defects.md` names a test for each guard; this holds it to tests that exist. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const rows = readFileSync(join(root, "docs/defects.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| (?:\d|10\.2)/.test(line));
const named = rows.map((row) => {
  const [, file = "", title] = /`([^`]+\.test\.ts)`(?:: "([^"]+)")? \|$/.exec(row) ?? [];
  return { row: row.slice(0, 60), file, title };
});

test("the page has a row for each defect that it promises", () => {
  expect(named.length).toBeGreaterThan(20);
});

test.each(named)("$row", ({ file, title }) => {
  const path = join(root, file);
  expect(existsSync(path) && file !== "").toBe(true);
  if (title !== undefined) expect(readFileSync(path, "utf8")).toContain(title);
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAllowed } from "./licence-rules.ts";
import { licencesPage } from "./licences-page.ts";
import { lockedPackages } from "./lock-file.ts";
import { readProvenance } from "./provenance-table.ts";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const packages = lockedPackages({ text: read("package-lock.json") });

test("every package is under a licence that the rules allow", () => {
  expect(packages.length).toBeGreaterThan(300);
  expect(packages.filter(({ name, license }) => !isAllowed({ name, licence: license }))).toEqual([]);
});

test("docs/licences.md is what package-lock.json and assets/PROVENANCE.md say (npm run licences)", () => {
  const assets = readProvenance({ text: read("assets/PROVENANCE.md") });
  expect(read("docs/licences.md")).toBe(licencesPage({ packages, assets }));
});

test("an expression is allowed as a whole: all parts of AND, one part of OR", () => {
  const allows = (licence: string | undefined) => isAllowed({ name: "a", licence });
  expect(allows("(AFL-2.1 OR BSD-3-Clause)")).toBe(true);
  expect(allows("MIT AND BSL-1.0")).toBe(true);
  expect(allows("MIT AND GPL-3.0-only")).toBe(false);
  expect(allows("GPL-3.0-only OR MIT AND Apache-2.0")).toBe(true);
  expect(allows("(GPL-3.0-only OR MIT) AND AGPL-3.0-only")).toBe(false);
  for (const odd of [
    undefined,
    "",
    "UNLICENSED",
    "SEE LICENSE IN LICENSE",
    "MIT OR",
    "(MIT",
    "MIT)",
    "AND",
    "constructor",
  ]) {
    expect(allows(odd), odd).toBe(false);
  }
});

test("an exception holds for the packages that it names", () => {
  expect(isAllowed({ name: "@resvg/resvg-wasm", licence: "MPL-2.0" })).toBe(true);
  expect(isAllowed({ name: "@resvg/resvg-wasm-2", licence: "MPL-2.0" })).toBe(false);
  expect(isAllowed({ name: "@resvg/resvg-wasm", licence: "GPL-3.0-only" })).toBe(false);
});

test("any text is judged without an exception, and none with a licence of nobody's list is allowed", () => {
  const words = fc.constantFrom("AND", "OR", "(", ")", "GPL-3.0-only", "WITH", "+");
  fc.assert(
    fc.property(fc.array(words), (parts) => {
      expect(isAllowed({ name: "a", licence: parts.join(" ") })).toBe(false);
    }),
  );
});

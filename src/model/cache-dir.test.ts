import { basename, isAbsolute, resolve } from "node:path";
import { expect, test } from "vitest";
import { cacheDir } from "./cache-dir.ts";

test("an override is taken and made absolute", () => {
  expect(cacheDir({ override: "some/where" })).toBe(resolve("some/where"));
});

test("without an override, or with an empty one, the platform's own place is used", () => {
  expect(isAbsolute(cacheDir())).toBe(true);
  expect(cacheDir()).toContain("countersteer");
  expect(cacheDir({ override: "" })).toBe(cacheDir());
  expect(basename(cacheDir())).not.toContain("nodejs");
});

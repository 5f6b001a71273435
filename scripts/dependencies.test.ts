import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const versions = z.record(z.string(), z.string());
const { dependencies, optionalDependencies, devDependencies } = z
  .object({ dependencies: versions, optionalDependencies: versions, devDependencies: versions })
  .parse(JSON.parse(read("package.json")));
const declared = { ...dependencies, ...optionalDependencies, ...devDependencies };

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

/** Packages in the rows of the tables, each with its reason. */
function explained(): Map<string, string> {
  const rows = read("docs/dependencies.md").matchAll(/^\| `([^`]+)` \| (.+) \|$/gm);
  return new Map([...rows].map(([, name = "", reason = ""]) => [name, reason]));
}

test("every dependency has a row with a reason, and every row is a dependency", () => {
  const rows = explained();
  expect([...rows.keys()].sort()).toEqual(Object.keys(declared).sort());
  for (const reason of rows.values()) expect(reason).toMatch(/^\S.{10,}\.$/);
});

test("every dependency has one exact version", () => {
  for (const version of Object.values(declared)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("llama.cpp has the same version on every platform", () => {
  const llama = Object.entries(optionalDependencies).filter(([name]) => name.startsWith("@node-llama-cpp/"));
  expect(llama.length).toBeGreaterThan(0);
  expect(new Set(llama.map(([, version]) => version)).size).toBe(1);
});

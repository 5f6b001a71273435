import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { lockedPackages } from "./lock-file.ts";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const packages = lockedPackages({ text: read("package-lock.json") });

test("every package of the lock file has an exact version and a SHA-512, and comes from the registry", () => {
  expect(packages.length).toBeGreaterThan(300);
  for (const { path, version, integrity, resolved, link } of packages) {
    expect(version, path).toMatch(/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/);
    expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    expect([resolved, link], path).toEqual([undefined, undefined]);
  }
});

test("the packages with install scripts are those of docs/supply.md, and run as it says", () => {
  const rows = [...read("docs/supply.md").matchAll(/^\| `([^`]+)` \| .+ \| (yes|no): .+ \|$/gm)];
  const explained = Object.fromEntries(rows.map(([, name = "", runs]) => [name, runs === "yes"]));
  const scripts = packages.filter(({ hasInstallScript }) => hasInstallScript === true);
  expect([...new Set(scripts.map(({ name }) => name))].sort()).toEqual(Object.keys(explained).sort());
  const { allowScripts } = z
    .object({ allowScripts: z.record(z.string(), z.boolean()) })
    .parse(JSON.parse(read("package.json")));
  expect(allowScripts).toEqual(explained);
});

test("of what users install, only koffi has an install script, the one that nobody needs", () => {
  const scripts = packages.filter(({ hasInstallScript, dev }) => hasInstallScript === true && dev !== true);
  expect(scripts.map(({ name }) => name)).toEqual(["koffi"]);
});

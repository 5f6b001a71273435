/** The package as users get it: packed, installed in an empty folder without install scripts, and run there. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { z } from "zod";
import { installInto, type PackedPackage, packWorkingTree } from "../../scripts/supply/packed-package.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let packed: PackedPackage;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-packed-"));
  packed = packWorkingTree({ root, folder });
  program = installInto({ folder: path.join(folder, "empty"), tarball: packed.tarball });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** In the empty folder. */
function countersteer(...args: string[]): string {
  const cwd = path.join(folder, "empty");
  return execFileSync(process.execPath, [program, ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test("the package holds what runs and what documents it, and nothing else", () => {
  const paths = packed.files.map((file) => file.path);
  const places = ["bin/", "dist/", "assets/", "docs/"];
  const others = paths.filter((each) => !places.some((place) => each.startsWith(place)));
  expect(others.sort()).toEqual(["LICENSE", "NOTICE", "README.md", "package.json"]);
  expect(
    paths.filter((each) => /\.test\.|(?<!\.d)\.tsx?$/.test(each) && !each.startsWith("docs/examples/")),
  ).toEqual([]);
  for (const needed of [
    "dist/index.js",
    "dist/index.d.ts",
    "dist/web/index.html",
    "dist/web/licences.txt",
    "assets/PROVENANCE.md",
  ]) {
    expect(paths).toContain(needed);
  }
  // a limit against what gets in unnoticed: the dictionary and the adapter are most of it
  expect(packed.size).toBeLessThan(45e6);
});

test("what README and the guides show and link to is in the package", () => {
  const inside = new Set(packed.files.map((file) => file.path));
  const pages = [...inside].filter((each) => each === "README.md" || /^docs\/[^/]+\.md$/.test(each));
  const missing = pages.flatMap((page) => {
    const text = readFileSync(path.join(root, page), "utf8");
    return [...text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)|<(?:img|source)[^>]+src(?:set)?="([^"]+)"/g)]
      .map(([, image = "", element = ""]) => path.posix.join(path.posix.dirname(page), image || element))
      .filter((image) => !image.includes("://") && !inside.has(image))
      .map((image) => `${page}: ${image}`);
  });
  expect(missing).toEqual([]);
});

test("the installed program says its version and its commands", () => {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")));
  expect(existsSync(path.join(folder, "empty/node_modules/.bin/countersteer"))).toBe(true);
  expect(countersteer("--version").trim()).toBe(version);
  expect(countersteer("--help")).toContain("countersteer");
});

test("the installed program measures two latents, and reports them", async () => {
  const config = path.join(folder, "run.yaml");
  await writeFile(
    config,
    [
      "designs: [esr]",
      `model: ${inject("modelPath")}`,
      "sae: smollm2-135m-instruct.l15.8k",
      "layer: 15",
      "latents: {count: 2}",
      "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 1, maxTokens: 12}",
      "trialsPerLatent: 2",
      "sampling: {maxTokens: 12}",
      "judge: {calibrationAnswers: 16}",
    ].join("\n"),
  );
  const run = path.join(folder, "run");
  countersteer(
    "run",
    config,
    "--out",
    run,
    "--workers",
    "1",
    "--threads",
    "1",
    "--cache-dir",
    path.join(folder, "cache"),
    "--json",
  );
  const arm = z.object({ arm: z.string(), counts: z.object({ trials: z.number() }) });
  const { summary } = z
    .object({ summary: z.object({ arms: z.array(arm) }) })
    .parse(JSON.parse(countersteer("report", run, "--json")));
  expect(summary.arms.map(({ arm, counts }) => [arm, counts.trials])).toEqual([["steered", 4]]);
  expect(countersteer("report", run, "--html", path.join(folder, "report.html"))).not.toBe("");
  expect(readFileSync(path.join(folder, "report.html"), "utf8")).toContain("<svg");
});

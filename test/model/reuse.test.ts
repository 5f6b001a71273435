/** `run --reuse` on real weights: what an earlier run has is taken over as it is, what it has not is made, and unequal runs are refused. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openRun } from "../../src/store/open-store.ts";
import type { JudgedTrial } from "../../src/store/run-store.ts";
import { runCli } from "./support/cli.ts";

let folder: string;
const file = (name: string) => path.join(folder, name);

async function run(name: string, { designs, seed = 0, reuse }: Settings) {
  await writeFile(
    file(`${name}.yaml`),
    [
      `designs: ${designs}`,
      `model: ${inject("modelPath")}`,
      "sae: smollm2-135m-instruct.l15.8k",
      "layer: 15",
      "latents: {count: 2}",
      "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 1, maxTokens: 12}",
      "trialsPerLatent: 2",
      "sampling: {maxTokens: 12}",
      "judge: {calibrationAnswers: 16}",
      `seed: ${seed}`,
    ].join("\n"),
  );
  const machine = ["--workers", "1", "--threads", "1", "--cache-dir", file("cache"), "--json"];
  return await runCli({
    args: [
      ...["run", file(`${name}.yaml`), "--out", file(name)],
      ...(reuse === undefined ? [] : ["--reuse", file(reuse)]),
      ...machine,
    ],
  });
}

interface Settings {
  designs: string;
  seed?: number;
  reuse?: string;
}

function readRun(name: string): { rows: JudgedTrial[]; thresholds: unknown[]; reused: number } {
  using store = openRun({ dir: file(name), mode: "read" });
  return {
    rows: [...store.judged()],
    thresholds: store.thresholds(),
    reused: store.events({ kind: "reused" }).length,
  };
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-reuse-"));
  const { code, stderr } = await run("first", { designs: "[baseline]" });
  expect(code, stderr).toBe(0);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("trials, judgements and thresholds of the earlier run are the new run's, and only new arms are generated", async () => {
  const { code, stderr } = await run("second", { designs: "[baseline, vector]", reuse: "first" });
  expect(code, stderr).toBe(0);
  const [first, second] = [readRun("first"), readRun("second")];
  expect(second.reused).toBe(1);
  expect(second.thresholds).toEqual(first.thresholds);
  expect(second.rows).toHaveLength(12);
  const byKey = new Map(second.rows.map((row) => [row.trial.key, row]));
  // the time of making is part of a row: made again, it would be another
  for (const row of first.rows) expect(byKey.get(row.trial.key)).toEqual(row);
  const added = second.rows.filter(({ trial }) => !first.rows.some((row) => row.trial.key === trial.key));
  expect(new Set(added.map(({ trial }) => trial.arm))).toEqual(new Set(["steered", "contrast-vector"]));
});

test("a run with another seed is refused before its folder is made", async () => {
  const { code, stdout } = await run("third", { designs: "[baseline]", seed: 1, reuse: "first" });
  expect(code).not.toBe(0);
  expect(stdout).toContain("RUNS_UNEQUAL");
  expect(stdout).toContain("seed");
  expect(existsSync(file("third"))).toBe(false);
});

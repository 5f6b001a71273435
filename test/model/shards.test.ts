/** `run --shard` and `merge` on real weights: shards that were run apart make the run that would have been made whole. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openRun } from "../../src/store/open-store.ts";
import { runCli } from "./support/cli.ts";

let folder: string;
const file = (name: string) => path.join(folder, name);
const machine = () => ["--workers", "1", "--threads", "1", "--cache-dir", file("cache"), "--json"];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-shards-"));
  await writeFile(
    file("run.yaml"),
    [
      "designs: [baseline]",
      `model: ${inject("modelPath")}`,
      "sae: smollm2-135m-instruct.l15.8k",
      "layer: 15",
      "latents: {count: 2}",
      "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 1, maxTokens: 12}",
      "trialsPerLatent: 3",
      "sampling: {maxTokens: 12}",
      "judge: {calibrationAnswers: 16}",
    ].join("\n"),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function run(name: string, flags: string[] = []): Promise<void> {
  const { code, stderr } = await runCli({
    args: ["run", file("run.yaml"), "--out", file(name), ...flags, ...machine()],
  });
  expect(code, stderr).toBe(0);
}

/** Without the times at which things were made. */
function contentOf(name: string) {
  using store = openRun({ dir: file(name), mode: "read" });
  const rows = Array.from(store.judged(), ({ trial, judgement }) => ({
    trial: { ...trial, createdAt: null },
    judgement: judgement && { ...judgement, createdAt: null },
  }));
  return {
    thresholds: store.thresholds(),
    rows: rows.toSorted((a, b) => (a.trial.key < b.trial.key ? -1 : 1)),
    shard: store.manifest().config.shard,
    finished: store.events({ kind: "finished" }).map(({ detail }) => detail),
  };
}

test("shards that were run apart, the second with the thresholds of the first, merge into the whole run", async () => {
  await run("whole");
  await run("s1", ["--shard", "1/2"]);
  await run("s2", ["--shard", "2/2", "--reuse", file("s1")]);
  const parts = ["s1", "s2"].map(contentOf);
  expect(parts.map(({ shard }) => shard)).toEqual([1, 2].map((index) => ({ index, count: 2 })));
  for (const { rows } of parts) expect(rows.length).toBeGreaterThan(0);
  const merge = (out: string, shards: string[]) =>
    runCli({ args: ["merge", file(out), ...shards.map(file), "--json"] });
  const incomplete = await merge("half", ["s2"]);
  expect(incomplete.code).not.toBe(0);
  expect(incomplete.stdout).toContain("SHARDS_INCOMPLETE");
  const { code, stderr } = await merge("merged", ["s2", "s1"]);
  expect(code, stderr).toBe(0);
  expect(contentOf("merged")).toEqual(contentOf("whole"));
});

/**
 * Judging a stored run again with judges that run here: the likelihood judge needs the run's own model, opened from the run's own settings, and
 * must say of the same responses what it would have said in the run.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openRun } from "../../src/store/open-store.ts";
import { startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { runCli } from "./support/cli.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-rejudge-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const COMMON = [
  "designs: [baseline, esr]",
  "weights: fast",
  // the threshold is where the range says, so that both runs have the same trials whoever judges
  "latents: {indices: [2316, 607]}",
  "threshold: {range: [40, 40.001], priorMean: 40, priorStd: 0.001, samples: 1, minQueries: 1, maxQueries: 1, verifySamples: 0, maxTokens: 16}",
  "trialsPerLatent: 3",
  "sampling: {maxTokens: 24}",
];

async function run(name: string, judge: string): Promise<string> {
  const settings = path.join(folder, `${name}.yaml`);
  await writeFile(settings, [...COMMON, judge].join("\n"));
  const dir = path.join(folder, name);
  const { code, stderr } = await runCli({
    args: ["run", settings, "--out", dir, "--cache-dir", inject("cacheDir")],
  });
  expect(code, stderr).toBe(0);
  return dir;
}

function judgements(dir: string, judge: string) {
  using store = openRun({ dir, mode: "read" });
  const scores = Array.from(store.judged({ judge }), ({ trial, judgement }) => {
    return [`${trial.arm} ${trial.text}`, judgement === null ? null : judgement.attempts] as const;
  });
  return new Map(scores.sort(([a], [b]) => (a < b ? -1 : 1)));
}

test("the likelihood judge says of stored responses what it says in a run of its own", async () => {
  await using server = await startLlmServer({ answer: scriptedJudge });
  const likelihood = "judge: {kind: likelihood, calibrationAnswers: 8}";
  const own = await run("own", likelihood);
  const other = await run(
    "other",
    `judge: {kind: llm, provider: compatible, model: scripted, baseUrl: "${server.url}", calibrationAnswers: 8}`,
  );
  const config = path.join(folder, "likelihood.yaml");
  await writeFile(config, likelihood);
  const args = ["judge", "rejudge", other, "--config", config, "--cache-dir", inject("cacheDir"), "--json"];
  const { code, stdout, stderr } = await runCli({ args });
  expect(code, stderr).toBe(0);
  const { judge } = JSON.parse(stdout);
  expect(JSON.parse(stdout)).toMatchObject({ responses: 12, judged: 0, spent: null });
  using store = openRun({ dir: own, mode: "read" });
  expect(judge).toBe(store.manifest().judge.id);
  const expected = judgements(own, judge);
  expect(judgements(other, judge)).toEqual(expected);
  expect([...expected.values()].some((attempts) => (attempts?.length ?? 0) > 0)).toBe(true);
});

test("a local model judges stored responses under its own name", async () => {
  const dir = path.join(folder, "other");
  const flags = ["--judge", "local-llm", "--judge-model", "smollm2-135m", "--blind", "--sample", "2"];
  const { code, stdout, stderr } = await runCli({
    args: ["judge", "rejudge", dir, ...flags, "--cache-dir", inject("cacheDir"), "--json"],
  });
  expect(code, stderr).toBe(0);
  const result: { judge: string; now: Record<string, number> } = JSON.parse(stdout);
  expect(result.judge).toMatch(/^local-llm .+ blind\/\d+$/);
  expect(Object.values(result.now).reduce((sum, count) => sum + count, 0)).toBe(2);
});

/** A real server that is killed in the middle of a run and started again: nothing is lost, and the run goes on by itself. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openRun } from "../../src/store/open-store.ts";
import { startCli } from "../model/support/cli.ts";
import { killVllm, startVllm } from "./support/server.ts";

const own = inject("ownServer");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-killed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SETTINGS = [
  "designs: [baseline, esr]",
  "latents: {indices: [11, 200]}",
  "threshold: {samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 0, maxTokens: 16}",
  "trialsPerLatent: 12",
  "sampling: {maxTokens: 24}",
  "judge: {calibrationAnswers: 16}",
].join("\n");

function trialsOf(dir: string) {
  using store = openRun({ dir, mode: "read" });
  return new Map(
    [...store.judged()].map(({ trial }) => [trial.key, { text: trial.text, receipt: trial.receipt }]),
  );
}

function stored(dir: string): number {
  try {
    return trialsOf(dir).size;
  } catch {
    return 0;
  }
}

test.skipIf(own === null)("a run goes on when its server is back", async () => {
  if (own === null) return;
  const settings = join(folder, "small.yaml");
  await writeFile(settings, SETTINGS);
  const url = `http://127.0.0.1:${own.port}`;
  const dir = join(folder, "killed");
  const { ended, stderr } = startCli({ args: ["run", settings, "--url", url, "--out", dir, "--json"] });
  while (stored(dir) < 10) await delay(200);
  await killVllm(own);
  const before = stored(dir);
  await delay(3000);
  await startVllm(own);
  const { code } = await ended;
  expect(code, stderr()).toBe(0);
  expect(stderr()).toMatch(/waiting for it/);
  expect(before).toBeLessThan(48);
  const trials = trialsOf(dir);
  expect(trials.size).toBe(48);
  for (const { receipt } of trials.values()) {
    if (receipt !== null) expect(receipt.rowsEdited).toBeGreaterThan(24);
  }
  expect((await readFile(join(own.state, "server.log"), "utf8")).length).toBeGreaterThan(0);
});

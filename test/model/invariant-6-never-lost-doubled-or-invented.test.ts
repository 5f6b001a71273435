/**
 * Invariant 6: kill -9 at any moment, then resume, gives the trials of an uninterrupted run.
 * The failure that this prevents is plausible at every write: a trial stored without its judgement, a search that restarts with other
 * samples after its first half was lost, a dead engine whose trials are dropped or done twice.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../src/stats/rng.ts";
import { openRun } from "../../src/store/open-store.ts";
import { descendants, runCli, startCli } from "./support/cli.ts";

const FLAGS = [
  "--latents",
  "2",
  "--trials",
  "3",
  "--max-tokens",
  "40",
  "--queries",
  "3",
  "--seed",
  "5",
  "--json",
];
const KILLS = 10;

let folder: string;
let whole: Map<string, string>;

/** Everything a trial is, by key: arm, text, judged scores. */
function contents(dir: string): Map<string, string> {
  const store = openRun({ dir, mode: "read" });
  try {
    const judged = new Map([...store.judgements()].map((each) => [each.trialKey, each.attempts]));
    const found = new Map<string, string>();
    for (const trial of store.trials()) {
      expect(found.has(trial.key)).toBe(false);
      found.set(
        trial.key,
        JSON.stringify([trial.arm, trial.unit, trial.text, [...trial.tokens], judged.get(trial.key)]),
      );
    }
    return found;
  } finally {
    store.close();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-kill-"));
  const dir = path.join(folder, "whole");
  const { code, stderr } = await runCli({ args: ["run", "demo", ...FLAGS, "--out", dir] });
  expect(code, stderr).toBe(0);
  whole = contents(dir);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("an uninterrupted run has every trial once", () => {
  expect(whole.size).toBe(2 * 3 * 4);
});

test("killed ten times at random moments, parent or engine, a run ends with the same keys, texts and scores", async () => {
  const rng = createRng({ seed: 20_261 });
  const dir = path.join(folder, "killed");
  let started = false;
  let killedParents = 0;
  let killedEngines = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const args = started ? ["resume", dir, "--json"] : ["run", "demo", ...FLAGS, "--out", dir];
    const { child, ended } = startCli({ args });
    const pid = child.pid ?? 0;
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 300 + rng.next() * 5000))]);
    const engines = descendants(pid);
    const engine = engines[rng.below(Math.max(1, engines.length))];
    if (kill % 2 === 1 && engine !== undefined) {
      process.kill(engine, "SIGKILL");
      killedEngines++;
      // the run must survive the loss of an engine; it is stopped a little later so that the next kill meets an unfinished run
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1500))]);
    } else {
      killedParents++;
    }
    child.kill("SIGKILL");
    await ended;
    started = isStored(dir);
  }
  expect(killedParents).toBeGreaterThan(0);
  expect(killedEngines).toBeGreaterThan(0);
  const { code, stderr } = await runCli({
    args: started ? ["resume", dir, "--json"] : ["run", "demo", ...FLAGS, "--out", dir],
  });
  expect(code, stderr).toBe(0);
  expect(contents(dir)).toEqual(whole);
});

/** A run that was killed before it was stored has nothing to resume, and `run` starts it again. */
function isStored(dir: string): boolean {
  try {
    openRun({ dir, mode: "read" }).close();
    return true;
  } catch {
    return false;
  }
}

/** However the program ends, no engine process outlives it, and nothing temporary stays: neither in the system's folder nor in the cache. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { ModelRuns } from "../../support/faults/model-runs.ts";
import { untilStored } from "../../support/faults/toy-runs.ts";
import { descendants, type RunningCli } from "../support/cli.ts";

let runs: ModelRuns;
beforeAll(async () => {
  runs = await ModelRuns.open({ cacheDir: inject("cacheDir") });
});
afterAll(() => runs[Symbol.asyncDispose]());

interface Exit {
  name: string;
  flags?: string[];
  /** Done once some trials are stored. */
  end?: (running: RunningCli) => void;
  code: number | null;
}

const signalled = (signal: NodeJS.Signals) => (running: RunningCli) => running.child.kill(signal);

const EXITS: Exit[] = [
  { name: "the run ends", code: 0 },
  {
    name: "the run fails after the engine was opened",
    flags: ["--context", "256", "--max-tokens", "240"],
    code: 1,
  },
  { name: "SIGINT", end: signalled("SIGINT"), code: 130 },
  { name: "SIGTERM", end: signalled("SIGTERM"), code: 130 },
  { name: "SIGHUP", end: signalled("SIGHUP"), code: null },
  { name: "SIGKILL", end: signalled("SIGKILL"), code: null },
];

/** Process ids of every engine that a command has had. */
async function enginesOf(running: RunningCli): Promise<Set<number>> {
  const seen = new Set<number>();
  let ended = false;
  running.ended.then(() => {
    ended = true;
  });
  while (!ended) {
    for (const pid of descendants(running.child.pid ?? 0)) seen.add(pid);
    await delay(10);
  }
  return seen;
}

/** A process that ended and waits for init to take note is gone as far as we are concerned. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test.each(EXITS)("$name", async ({ name, flags = [], end, code }) => {
  const temporary = runs.path(`tmp ${name}`);
  mkdirSync(temporary);
  const dir = runs.path(name);
  const running = runs.start({ dir, flags, env: { TMPDIR: temporary } });
  const engines = enginesOf(running);
  if (end !== undefined) {
    await untilStored({ dir, trials: 2, running });
    end(running);
  }
  const result = await running.ended;
  expect(result.code, result.stdout + result.stderr).toBe(code);
  const seen = await engines;
  expect(seen.size).toBeGreaterThan(0);
  await expect.poll(() => [...seen].filter(isAlive)).toEqual([]);
  // Node's compiled code is kept on purpose
  expect(readdirSync(temporary).filter((file) => file !== "node-compile-cache")).toEqual([]);
  const cached = readdirSync(runs.path("cache"), { recursive: true, encoding: "utf8" });
  expect(cached.filter((file) => /\.(?:tmp|part|lock)$/.test(file))).toEqual([]);
});

/** The engine process dies, is stopped, or gets too little memory, in the middle of a run of the real command line. */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { faultTest } from "../../support/faults/documented.ts";
import { expectPart, expectWhole } from "../../support/faults/kept.ts";
import { ModelRuns } from "../../support/faults/model-runs.ts";
import { toldBy } from "../../support/faults/told.ts";
import { type KeptTrial, untilStored } from "../../support/faults/toy-runs.ts";
import { descendants, type RunningCli } from "../support/cli.ts";

/** Stopped for seconds here; nothing in the program waits for an engine with a limit, so that a minute is no other case. */
const STOPPED_MS = 4000;

let runs: ModelRuns;
let whole: Map<string, KeptTrial>;
beforeAll(async () => {
  runs = await ModelRuns.open({ cacheDir: inject("cacheDir") });
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

/** The run has one engine process. */
function engineOf({ child }: RunningCli): number | null {
  return descendants(child.pid ?? 0)[0] ?? null;
}

function send(pid: number | null, signal: NodeJS.Signals): void {
  if (pid === null) throw new Error("there is no engine process");
  process.kill(pid, signal);
}

faultTest({
  from: import.meta.url,
  title: "the engine is killed once, as the system does when memory runs out",
  check: async () => {
    const dir = runs.path("killed");
    const running = runs.start({ dir });
    await untilStored({ dir, trials: 4, running });
    send(engineOf(running), "SIGKILL");
    expectWhole({ result: await running.ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "the engine is killed again as soon as it is back",
  check: async (codes) => {
    const dir = runs.path("killed-again");
    const running = runs.start({ dir });
    await untilStored({ dir, trials: 4, running });
    let ended = false;
    const result = running.ended.finally(() => {
      ended = true;
    });
    while (!ended) {
      const engine = engineOf(running);
      if (engine !== null) process.kill(engine, "SIGKILL");
      await delay(20);
    }
    const error = toldBy({ result: await result, codes });
    expect(error.what).toContain("SIGKILL");
    expect(error.why).toContain("want of memory");
    expectPart({ dir, whole });
    expectWhole({ result: await runs.resume({ dir }).ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "the engine is stopped for a while and goes on",
  check: async () => {
    const dir = runs.path("stopped");
    const running = runs.start({ dir });
    await untilStored({ dir, trials: 4, running });
    const engine = engineOf(running);
    send(engine, "SIGSTOP");
    await delay(STOPPED_MS);
    send(engine, "SIGCONT");
    expectWhole({ result: await running.ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "there is too little memory for the key-value cache",
  check: async (codes) => {
    const dir = runs.path("memory");
    // 64 x 65536 tokens take about 100 GB; the limit makes the system say no instead of promising them
    const through = ["bash", "-c", 'ulimit -v 40000000; exec "$0" "$@"'];
    const flags = ["--slots", "64", "--context", "65536"];
    const error = toldBy({ result: await runs.start({ dir, through, flags }).ended, codes });
    expect(error.todo).toMatch(/--slots|--context/);
    expect(existsSync(dir)).toBe(false);
  },
});

faultTest({
  from: import.meta.url,
  title: "the context is too small for prompt and answer",
  check: async (codes) => {
    const dir = runs.path("context");
    const error = toldBy({
      result: await runs.start({ dir, flags: ["--context", "256", "--max-tokens", "240"] }).ended,
      codes,
    });
    expect(error.todo).toMatch(/--context/);
    expect(existsSync(dir)).toBe(false);
  },
});

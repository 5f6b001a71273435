/** The wall clock is set while a run goes on, as by a time server after a suspended laptop woke up. */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect } from "vitest";
import { openRun } from "../../src/store/open-store.ts";
import { runCli } from "../model/support/cli.ts";
import { faultTest } from "../support/faults/documented.ts";
import { expectWhole } from "../support/faults/kept.ts";
import { ToyRuns, type trialsOf } from "../support/faults/toy-runs.ts";

const CLOCK = fileURLToPath(new URL("../support/faults/jumping-clock.ts", import.meta.url));
const DAY = 86_400_000;

let runs: ToyRuns;
let whole: ReturnType<typeof trialsOf>;
beforeAll(async () => {
  runs = await ToyRuns.open();
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

async function rates(dir: string): Promise<unknown> {
  const { code, stdout, stderr } = await runCli({ args: ["report", dir, "--json"] });
  expect(code, stdout + stderr).toBe(0);
  return JSON.parse(stdout).arms;
}

/** Milliseconds from now at which trials were stored, in the order in which they lie in the file. */
function storedAt(dir: string): number[] {
  using store = openRun({ dir, mode: "read" });
  return [...store.trials()].map(({ createdAt }) => Date.parse(createdAt) - Date.now());
}

faultTest({
  from: import.meta.url,
  title: "the clock is set back and then ahead in the middle of a run",
  check: async () => {
    // a server that is lost meanwhile, so that there are waits which a clock could cut short or draw out
    await using server = await runs.server({ latency: () => 10 });
    const dir = runs.path("jumped");
    const env = { NODE_OPTIONS: `--import=${CLOCK}` };
    const running = runs.start({ dir, server, env });
    for (const answered of [10, 40]) {
      while (server.answered < answered) await delay(5);
      await server.kill();
      await delay(300);
      await server.start();
    }
    expectWhole({ result: await running.ended, dir, whole });
    const times = storedAt(dir);
    expect(Math.min(...times)).toBeLessThan(-0.5 * DAY);
    expect(Math.max(...times)).toBeGreaterThan(300 * DAY);
    expect(await rates(dir)).toEqual(await rates(runs.path("undisturbed")));
  },
});

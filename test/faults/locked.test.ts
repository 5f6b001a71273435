/** Another program, such as a database browser, has the run's file locked for writing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect } from "vitest";
import { faultTest } from "../support/faults/documented.ts";
import { expectPart, expectWhole } from "../support/faults/kept.ts";
import { toldBy } from "../support/faults/told.ts";
import { ToyRuns, type trialsOf, untilStored } from "../support/faults/toy-runs.ts";

/** Holds the lock until its input ends. */
const HOLDER = `
const { DatabaseSync } = require("node:sqlite");
const database = new DatabaseSync(process.argv[1], { timeout: 60000 });
database.exec("BEGIN IMMEDIATE");
console.log("held");
process.stdin.on("end", () => database.close()).resume();`;

let runs: ToyRuns;
let whole: ReturnType<typeof trialsOf>;
beforeAll(async () => {
  runs = await ToyRuns.open();
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

async function lock(dir: string): Promise<() => Promise<void>> {
  const args = ["--disable-warning=ExperimentalWarning", "-e", HOLDER, join(dir, "run.sqlite")];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  return async () => {
    child.stdin.end();
    await ended;
  };
}

faultTest({
  from: import.meta.url,
  title: "another program keeps the run's file locked",
  check: async (codes) => {
    await using server = await runs.server({ latency: () => 10 });
    const dir = runs.path("locked");
    const running = runs.start({ dir, server });
    await untilStored({ dir, trials: 10, running });
    const release = await lock(dir);
    const error = toldBy({ result: await running.ended, codes });
    expect(error.todo).toMatch(/resume/);
    expectPart({ dir, whole });
    await release();
    expectWhole({ result: await runs.resume({ dir, server }).ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "another program locks the run's file for a moment",
  check: async () => {
    await using server = await runs.server({ latency: () => 10 });
    const dir = runs.path("waited");
    const running = runs.start({ dir, server });
    await untilStored({ dir, trials: 10, running });
    const release = await lock(dir);
    await delay(1000);
    await release();
    expectWhole({ result: await running.ended, dir, whole });
  },
});

/** What the program prints is redirected to where there is no room. `/dev/full` refuses every write as a full disk does. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { runCli } from "../model/support/cli.ts";
import { faultTest } from "../support/faults/documented.ts";
import { expectWhole } from "../support/faults/kept.ts";
import { ToyRuns, type trialsOf } from "../support/faults/toy-runs.ts";

const untestable = existsSync("/dev/full") ? null : "this system has no /dev/full";

let runs: ToyRuns;
let whole: ReturnType<typeof trialsOf>;
beforeAll(async () => {
  runs = await ToyRuns.open();
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

faultTest({
  from: import.meta.url,
  title: "the output goes to a full disk",
  untestable,
  check: async (codes) => {
    const through = ["bash", "-c", 'exec "$0" "$@" > /dev/full'];
    const { code, stderr } = await runCli({ args: ["report", runs.path("undisturbed"), "--json"], through });
    expect(code).toBe(1);
    expect(codes).toEqual([/^error (\w+)$/m.exec(stderr)?.[1]]);
    expect(stderr).toMatch(/what .*the output.*\n {2}why .*ENOSPC.*\n {2}what to do /);
  },
});

faultTest({
  from: import.meta.url,
  title: "the log goes to a full disk",
  untestable,
  check: async () => {
    await using server = await runs.server();
    const dir = runs.path("no-log");
    const through = ["bash", "-c", 'exec "$0" "$@" 2> /dev/full'];
    expectWhole({ result: await runs.start({ dir, server, through }).ended, dir, whole });
  },
});

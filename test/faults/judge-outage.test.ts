/** The provider of the judge fails in the middle of a run. */
import { afterAll, beforeAll, expect } from "vitest";
import { serverError, startFaultProxy } from "../support/fault-proxy.ts";
import { faultTest } from "../support/faults/documented.ts";
import { expectPart, expectWhole } from "../support/faults/kept.ts";
import { toldBy } from "../support/faults/told.ts";
import { ToyRuns, type trialsOf } from "../support/faults/toy-runs.ts";

let runs: ToyRuns;
let whole: ReturnType<typeof trialsOf>;
beforeAll(async () => {
  runs = await ToyRuns.open();
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

faultTest({
  from: import.meta.url,
  title: "the judge's provider fails in the middle of a run",
  check: async (codes) => {
    await using proxy = await startFaultProxy({
      target: runs.judge.url,
      script: Array(20).fill({ kind: "pass" }),
    });
    proxy.always = serverError(503);
    await using server = await runs.server();
    const dir = runs.path("cut");
    const error = toldBy({ result: await runs.start({ dir, server, judgeUrl: proxy.url }).ended, codes });
    expect(error.todo).toMatch(/go on later/);
    expectPart({ dir, whole });
    proxy.always = { kind: "pass" };
    expectWhole({ result: await runs.resume({ dir, server }).ended, dir, whole });
  },
});

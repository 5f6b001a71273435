/** Two commands that write to one folder. */
import { afterAll, beforeAll, expect } from "vitest";
import { faultTest } from "../support/faults/documented.ts";
import { expectWhole } from "../support/faults/kept.ts";
import { toldBy } from "../support/faults/told.ts";
import { ToyRuns, type trialsOf, untilStored } from "../support/faults/toy-runs.ts";

let runs: ToyRuns;
let whole: ReturnType<typeof trialsOf>;
beforeAll(async () => {
  runs = await ToyRuns.open();
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

faultTest({
  from: import.meta.url,
  title: "a second run or resume begins in the folder of one that goes on",
  check: async (codes) => {
    // the first one waits in its middle, so that the others meet it
    let latency = 10;
    await using slow = await runs.server({ latency: () => latency });
    await using idle = await runs.server();
    const dir = runs.path("both");
    const first = runs.start({ dir, server: slow });
    await untilStored({ dir, trials: 5, running: first });
    latency = 3000;
    const second = await runs.start({ dir, server: idle }).ended;
    expect(toldBy({ result: second, codes }).what).toContain(`process ${first.child.pid}`);
    expect(idle.seen).toEqual([]);
    toldBy({ result: await runs.resume({ dir, server: idle }).ended, codes });
    latency = 0;
    expectWhole({ result: await first.ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "two runs begin in one folder at the same moment",
  check: async (codes) => {
    await using server = await runs.server({ latency: () => 10 });
    const dir = runs.path("at-once");
    const results = await Promise.all([runs.start({ dir, server }).ended, runs.start({ dir, server }).ended]);
    const [won, lost] = results.sort((a, b) => (a.code ?? 0) - (b.code ?? 0));
    if (won === undefined || lost === undefined) throw new Error("two were started");
    toldBy({ result: lost, codes });
    expectWhole({ result: won, dir, whole });
  },
});

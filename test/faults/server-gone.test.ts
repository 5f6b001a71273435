/** The vLLM server ends in the middle of a run and does not come back. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import { faultTest } from "../support/faults/documented.ts";
import { expectPart, expectWhole } from "../support/faults/kept.ts";
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
  title: "the server is gone, and the run waits for it until it is stopped",
  check: async (codes) => {
    await using server = await runs.server({ latency: () => 10 });
    const dir = runs.path("gone");
    const running = runs.start({ dir, server });
    await untilStored({ dir, trials: 10, running });
    await server.kill();
    while (!running.stderr().includes("waiting for it")) await delay(20);
    running.child.kill("SIGINT");
    toldBy({ result: await running.ended, codes });
    expectPart({ dir, whole });
    await using other = await runs.server();
    expectWhole({ result: await runs.resume({ dir, server: other }).ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "there is no server at the address",
  check: async (codes) => {
    const server = await runs.server();
    await server.kill();
    const dir = runs.path("none");
    toldBy({ result: await runs.start({ dir, server }).ended, codes });
    toldBy({ result: await runs.resume({ dir, server }).ended, codes: ["RUN_NOT_FOUND"] });
  },
});

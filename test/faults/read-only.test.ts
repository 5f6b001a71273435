/** Folders that nobody, or not this user, may write to. */
import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { runCli } from "../model/support/cli.ts";
import { faultTest } from "../support/faults/documented.ts";
import { expectPart, expectWhole } from "../support/faults/kept.ts";
import { mountSmall, whyNoMount } from "../support/faults/small-disk.ts";
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
  title: "the folder of a new run can't be made",
  check: async (codes) => {
    writeFileSync(runs.path("file"), "");
    await using server = await runs.server();
    const dir = runs.path("file/run");
    const error = toldBy({ result: await runs.start({ dir, server }).ended, codes });
    expect(error.what).toContain(runs.path("file"));
    // told before anything is asked that costs time or money
    expect(server.seen).toEqual([]);
  },
});

faultTest({
  from: import.meta.url,
  title: "the folder of a run that is to go on became read-only",
  untestable: whyNoMount(),
  check: async (codes) => {
    const place = runs.path("disk");
    mkdirSync(place);
    using disk = mountSmall({ place, kib: 64 * 1024 });
    const dir = `${place}/run`;
    await using server = await runs.server({ latency: () => 10 });
    const running = runs.start({ dir, server });
    await untilStored({ dir, trials: 10, running });
    running.child.kill("SIGINT");
    toldBy({ result: await running.ended, codes: ["ABORTED"] });
    disk.protect();
    toldBy({ result: await runs.resume({ dir, server }).ended, codes });
    expectPart({ dir, whole });
    const report = await runCli({ args: ["report", dir, "--json"] });
    expect(report.code, report.stdout + report.stderr).toBe(0);
    disk.unprotect();
    expectWhole({ result: await runs.resume({ dir, server }).ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "the cache can't be written",
  check: async () => {
    writeFileSync(runs.path("no-folder"), "");
    await using server = await runs.server();
    const dir = runs.path("no-cache");
    const flags = ["--cache-dir", runs.path("no-folder/cache")];
    expectWhole({ result: await runs.start({ dir, server, flags }).ended, dir, whole });
  },
});

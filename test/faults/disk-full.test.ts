/**
 * A run whose disk has no more room. As root on a system that lets us mount, on a small file system of its own; and anywhere under a limit on the
 * size of files, at which the system refuses a write as it does at a quota.
 */
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { faultTest } from "../support/faults/documented.ts";
import { expectPart, expectWhole } from "../support/faults/kept.ts";
import { mountSmall, whyNoMount } from "../support/faults/small-disk.ts";
import { toldBy } from "../support/faults/told.ts";
import { ToyRuns, type trialsOf } from "../support/faults/toy-runs.ts";

/** More than a new run takes, and less than this one with all its trials. */
const ROOM_KIB = 2048;

let runs: ToyRuns;
let whole: ReturnType<typeof trialsOf>;
beforeAll(async () => {
  runs = await ToyRuns.open();
  whole = await runs.undisturbed();
});
afterAll(() => runs[Symbol.asyncDispose]());

faultTest({
  from: import.meta.url,
  title: "the disk is full in the middle of a run",
  untestable: whyNoMount(),
  check: async (codes) => {
    const place = runs.path("disk");
    mkdirSync(place);
    using disk = mountSmall({ place, kib: ROOM_KIB });
    await using server = await runs.server();
    const dir = `${place}/run`;
    const error = toldBy({ result: await runs.start({ dir, server }).ended, codes });
    expect(error.todo).toMatch(/resume/);
    expectPart({ dir, whole });
    disk.grow(64 * 1024);
    expectWhole({ result: await runs.resume({ dir, server }).ended, dir, whole });
  },
});

faultTest({
  from: import.meta.url,
  title: "a quota or a limit on the size of files is reached in the middle of a run",
  check: async (codes) => {
    await using server = await runs.server();
    const dir = runs.path("limited");
    const through = ["bash", "-c", `ulimit -f ${ROOM_KIB}; exec "$0" "$@"`];
    const error = toldBy({ result: await runs.start({ dir, server, through }).ended, codes });
    expect(error.todo).toMatch(/resume/);
    expectPart({ dir, whole });
    expectWhole({ result: await runs.resume({ dir, server }).ended, dir, whole });
  },
});

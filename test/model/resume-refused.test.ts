/** A run whose judge was calibrated in the way of an earlier version does not go on: its trials would not compare with new ones. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parseConfig } from "../../src/experiment/config.ts";
import { CALIBRATION_EVENT } from "../../src/experiment/run.ts";
import { createRun, openRun } from "../../src/store/open-store.ts";
import { manifestRecord } from "../support/run-records.ts";
import { runCli } from "./support/cli.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-resume-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As the first version of the likelihood judge kept it. */
const FIRST_VERSION = {
  version: 1,
  model: { fileHash: "0".repeat(64), weightType: "q4_0", weightMode: "fast" },
  contrast: { hash: "0".repeat(64), size: 4 },
  answers: { hash: "0".repeat(64), count: 8 },
  seed: 0,
  topicality: [{ tokens: 5, on: 1.5, off: 0 }],
  fluency: { one: -1.2, zero: -6 },
};

test("it is refused with what to do, and nothing is written", async () => {
  const dir = path.join(folder, "run");
  const config = parseConfig({
    settings: { model: inject("modelPath"), sae: "smollm2-135m-instruct.l15.8k", layer: 15 },
    source: "test",
  });
  {
    using store = createRun({ dir, manifest: manifestRecord({ config }) });
    store.putEvent({ kind: CALIBRATION_EVENT, detail: FIRST_VERSION });
  }
  const machine = ["--workers", "1", "--threads", "1", "--cache-dir", path.join(folder, "cache")];
  const { code, stdout, stderr } = await runCli({ args: ["resume", dir, "--json", ...machine] });
  expect(code).not.toBe(0);
  const told = `${stdout}${stderr}`;
  expect(told).toContain("RUNS_UNEQUAL");
  expect(told).toContain("likelihood/1 was calibrated in another way");
  expect(told).toContain("countersteer judge rejudge");
  using store = openRun({ dir, mode: "read" });
  expect(store.events().map(({ kind }) => kind)).toEqual([CALIBRATION_EVENT]);
  expect(store.arms()).toEqual([]);
});

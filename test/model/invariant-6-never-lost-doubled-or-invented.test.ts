/**
 * Invariant 6 on real weights: kill -9 at any moment, then resume, gives the trials of an uninterrupted run.
 * The failure that this prevents is plausible at every write: a trial stored without its judgement, a search that restarts with other
 * samples after its first half was lost, a dead engine whose trials are dropped or done twice. `test/crash` kills every command, on a toy model.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createRng } from "../../src/stats/rng.ts";
import { isRun, runContents } from "../crash/contents.ts";
import { live, undisturbed, type Whole } from "../crash/life.ts";
import type { Workload } from "../crash/workload.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const KILLS = 5;
const SETTINGS = `
designs: [baseline, esr]
weights: fast
latents: {indices: [2316, 607]}
threshold: {range: [20, 60], samples: 1, minQueries: 2, maxQueries: 2, verifySamples: 1, maxTokens: 12}
trialsPerLatent: 3
sampling: {maxTokens: 20}
judge: {calibrationAnswers: 8}
`;

let folder: TemporaryFolder;
let workload: Workload;
let whole: Whole;

beforeAll(async () => {
  folder = await temporaryFolder();
  const settings = path.join(folder.path, "run.yaml");
  await writeFile(settings, SETTINGS);
  const machine = ["--workers", "2", "--threads", "1", "--cache-dir", inject("cacheDir"), "--json"];
  workload = {
    engines: true,
    atOnce: false,
    prepare: async () => {},
    args: async (home) => {
      const dir = path.join(home, "run");
      return isRun(dir) ? ["resume", dir, ...machine] : ["run", settings, "--out", dir, ...machine];
    },
    result: async (home) => runContents(path.join(home, "run")),
  };
  whole = await undisturbed({ workload, home: path.join(folder.path, "whole") });
});

afterAll(() => folder[Symbol.asyncDispose]());

test("an uninterrupted run has every trial once, each judged", () => {
  const kindsOf = (kind: string) =>
    [...whole.result.keys()].filter((key) => key.startsWith(`${kind} `)).length;
  expect(kindsOf("trial")).toBe(2 * 3 * 2);
  expect(kindsOf("judgement")).toBe(2 * 3 * 2);
});

test.runIf(process.platform === "linux")(
  "killed at random moments, parent or engine, a run ends with the same keys, texts and scores",
  async () => {
    const rng = createRng({ seed: 20_261 });
    let kills = 0;
    let { seconds } = whole;
    for (let number = 0; kills < KILLS; number++) {
      const home = path.join(folder.path, `life-${number}`);
      const life = await live({ workload, whole, home, rng, most: Math.min(3, KILLS - kills), seconds });
      expect(life.problems).toEqual([]);
      kills += life.kills.length;
      // one that was through before its moment had come takes less time than was thought
      if (life.kills.length === 0) seconds *= 0.8;
    }
  },
);

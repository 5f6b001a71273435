import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  FAILED,
  judgementRecord,
  manifestRecord,
  thresholdSampleRecord,
  trialRecord,
} from "../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CountersteerError } from "../errors.ts";
import type { Manifest } from "./manifest.ts";
import { type MergeRunsOptions, mergeRuns } from "./merge-runs.ts";
import { createRun, openRun } from "./open-store.ts";
import type { RunStore } from "./run-store.ts";

const TRIALS = 40;
let folder: TemporaryFolder;
const open: RunStore[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const store of open.splice(0)) store.close();
  await folder[Symbol.asyncDispose]();
});

const inFolder = (name: string) => path.join(folder.path, name);

interface ShardOptions {
  index: number;
  count?: number;
  manifest?: Partial<Manifest>;
  strength?: number;
  finished?: boolean;
  design?: string;
}

function fill(store: RunStore, has: (i: number) => boolean, strength = 12.34, design = "esr"): void {
  store.putArms([{ name: "steered", content: {} }]);
  store.putLatents([{ latent: 7, label: "bees" }]);
  store.putThresholdSample(thresholdSampleRecord());
  store.putThreshold({
    latent: 7,
    strength,
    lower: 10,
    upper: 16,
    queries: [],
    stopped: "narrow",
    warning: null,
    verification: [],
  });
  store.putEvent({ kind: "analysis", detail: [{ design, comparisons: [], curves: [] }] });
  for (let i = 0; i < TRIALS; i++) {
    if (!has(i)) continue;
    const key = `trial-${i}`;
    store.putTrial(trialRecord({ key, ...(i % 9 === 5 ? FAILED : {}) }));
    if (i % 9 === 5) continue;
    store.putJudgement(judgementRecord({ trialKey: key }));
    store.putJudgement(judgementRecord({ trialKey: key, judge: "other/1", status: "failed", attempts: [] }));
    store.putActivations({
      trialKey: key,
      name: "detectors",
      rows: 1,
      columns: [3],
      values: Float32Array.of(i),
    });
  }
}

function manifestOf({ index, count = 3, manifest = {} }: ShardOptions): Manifest {
  return manifestRecord({ config: { designs: ["esr"], shard: { index, count } }, ...manifest });
}

function shard(options: ShardOptions): RunStore {
  const { index, count = 3, finished = true, strength, design } = options;
  const dir = inFolder(`shard-${open.length}`);
  const store = createRun({ dir, manifest: manifestOf(options) });
  fill(store, (i) => i % count === index - 1, strength, design);
  store.putEvent({ kind: "judge-spent", detail: { calls: index } });
  if (finished) store.putEvent({ kind: "finished", detail: { trials: store.counts().trials } });
  store.close();
  const reader = openRun({ dir, mode: "read" });
  open.push(reader);
  return reader;
}

function refusal(options: MergeRunsOptions): CountersteerError {
  try {
    mergeRuns(options);
  } catch (error) {
    if (error instanceof CountersteerError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Everything that a report can be made of, in an order of its own. */
function contentOf(store: RunStore) {
  const byKey = <T>(rows: Iterable<T>, key: (row: T) => string) =>
    [...rows].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    arms: store.arms(),
    latents: store.latents(),
    thresholds: store.thresholds(),
    samples: [...store.thresholdSamples()],
    trials: byKey(store.trials(), ({ key }) => key),
    judgements: byKey(store.judgements(), ({ trialKey, judge }) => `${trialKey} ${judge}`),
    facts: [...store.facts().key].sort(),
    recorded: store.activations({ trialKey: "trial-3", name: "detectors" }),
    counts: store.counts(),
  };
}

describe("merging shards", () => {
  it("gives the run that would have been made whole", () => {
    const merged = mergeRuns({
      shards: [shard({ index: 3 }), shard({ index: 1 }), shard({ index: 2 })],
      dir: inFolder("out"),
    });
    using whole = createRun({ dir: inFolder("whole"), manifest: manifestRecord() });
    fill(whole, () => true);
    using store = openRun({ dir: inFolder("out"), mode: "read" });
    expect(contentOf(store)).toEqual(contentOf(whole));
    expect(store.manifest()).toEqual(manifestRecord({ config: { designs: ["esr"], shard: null } }));
    expect(store.events().map(({ kind }) => kind)).toEqual([
      "analysis",
      "judge-spent",
      "judge-spent",
      "judge-spent",
      "merged",
      "finished",
    ]);
    expect(merged.shards.map((each) => each.shard)).toEqual(["1/3", "2/3", "3/3"]);
    expect(merged).toMatchObject({ trials: TRIALS, incomplete: [] });
    expect(readdirSync(folder.path)).not.toContain("out.part");
  });

  it("refuses runs that are not shards of one run", () => {
    const dir = inFolder("out");
    const first = shard({ index: 1 });
    const whole = createRun({ dir: inFolder("whole"), manifest: manifestRecord() });
    open.push(whole);
    const cases: [RunStore, string, RegExp][] = [
      [whole, "REQUEST_INVALID", /no shard/],
      [shard({ index: 2, manifest: { layer: 3 } }), "RUNS_UNEQUAL", /layer/],
      [shard({ index: 2, manifest: { seed: 9 } }), "RUNS_UNEQUAL", /seed/],
      [shard({ index: 2, manifest: { engine: { workers: 9, library: "other" } } }), "RUNS_UNEQUAL", /engine/],
      [shard({ index: 2, count: 4 }), "RUNS_UNEQUAL", /settings|number of shards/],
      [shard({ index: 1 }), "RUNS_UNEQUAL", /1\/3/],
      [shard({ index: 2, strength: 12.35 }), "RUNS_UNEQUAL", /thresholds/],
      [shard({ index: 2, design: "other" }), "RUNS_UNEQUAL", /analysis/],
    ];
    for (const [other, code, says] of cases) {
      const error = refusal({ shards: [first, other], dir, allowIncomplete: true });
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(says)]);
      expect(existsSync(dir)).toBe(false);
    }
  });

  it("takes shards whose machines had other numbers of workers", () => {
    const engine = { ...manifestRecord().engine, workers: 64, slots: 9 };
    const shards = [1, 2, 3].map((index) =>
      shard({ index, ...(index === 2 ? { manifest: { engine } } : {}) }),
    );
    expect(mergeRuns({ shards, dir: inFolder("out") }).trials).toBe(TRIALS);
  });

  it("refuses what is not complete unless that is allowed, and then says it", () => {
    const shards = [shard({ index: 1 }), shard({ index: 3, finished: false })];
    const error = refusal({ shards, dir: inFolder("out") });
    expect(error.code).toBe("SHARDS_INCOMPLETE");
    const merged = mergeRuns({ shards, dir: inFolder("out"), allowIncomplete: true });
    expect(merged.incomplete).toEqual([`${shards[1]?.dir} is not finished`, "2/3 was not given"]);
    using store = openRun({ dir: inFolder("out"), mode: "read" });
    expect(store.events({ kind: "finished" })).toEqual([]);
    expect(store.counts().trials).toBe(merged.trials);
  });

  it("overwrites nothing", () => {
    createRun({ dir: inFolder("out"), manifest: manifestRecord({ seed: 77 }) }).close();
    const error = refusal({ shards: [shard({ index: 1, count: 1 })], dir: inFolder("out") });
    expect(error.code).toBe("RUN_EXISTS");
    using store = openRun({ dir: inFolder("out"), mode: "read" });
    expect(store.manifest().seed).toBe(77);
  });

  it("leaves nothing in the place of the result when it is killed, and can be done again", async () => {
    const { dir } = shard({ index: 1, count: 1 });
    const script = `
      const { openRun } = await import(${JSON.stringify(new URL("./open-store.ts", import.meta.url).href)});
      const { mergeRuns } = await import(${JSON.stringify(new URL("./merge-runs.ts", import.meta.url).href)});
      const shard = openRun({ dir: ${JSON.stringify(dir)}, mode: "read" });
      // the shard's own judgements are asked for when its trials are in the result
      shard.judgements = () => process.kill(process.pid, "SIGKILL");
      mergeRuns({ shards: [shard], dir: ${JSON.stringify(inFolder("out"))} });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
    const [, signal] = await once(child, "exit");
    expect(signal).toBe("SIGKILL");
    expect(readdirSync(folder.path).toSorted()).toEqual(["out.part", "shard-0"]);
    mergeRuns({ shards: open, dir: inFolder("out") });
    expect(readdirSync(folder.path).toSorted()).toEqual(["out", "shard-0"]);
    using store = openRun({ dir: inFolder("out"), mode: "write" });
    expect(store.counts().trials).toBe(TRIALS);
  });
});

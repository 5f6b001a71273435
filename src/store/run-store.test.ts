import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  attemptRecords,
  FAILED,
  JUDGE,
  judgementRecord,
  manifestRecord,
  thresholdSampleRecord,
  trialRecord,
} from "../../test/support/run-records.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isCode } from "../errors.ts";
import { createRun } from "./open-store.ts";
import type { JudgementRecord, ThresholdRecord } from "./records.ts";
import type { RunStore } from "./run-store.ts";

let folder: TemporaryFolder;
let store: RunStore;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = createRun({
    dir: folder.path,
    manifest: manifestRecord(),
    now: () => new Date("2026-05-05T05:05:05.000Z"),
  });
});

afterEach(async () => {
  store.close();
  await folder[Symbol.asyncDispose]();
});

const threshold: ThresholdRecord = {
  calibration: "steered",
  latent: 7,
  strength: 12.34,
  lower: 10.1,
  upper: 15.9,
  queries: [
    { strength: 20, scores: [5, 0.5] },
    { strength: 8, scores: [] },
    { strength: 12.5, scores: [33.3] },
  ],
  stopped: "narrow",
  warning: null,
  verification: [28, 41.5],
};

describe("what is put comes back unchanged", () => {
  it("trials, with tokens, offsets and receipt", () => {
    const trial = trialRecord({
      latent: null,
      seed: 2 ** 53 - 1,
      strength: 0.1 + 0.2,
      text: "naïve 🐝\u0000\n",
    });
    expect(store.putTrial(trial)).toBe(true);
    expect(store.trial(trial.key)).toEqual(trial);
    expect(store.trial("absent")).toBeNull();
  });

  it("failed trials", () => {
    store.putTrial(trialRecord(FAILED));
    expect(store.trial("trial-1")).toEqual(trialRecord(FAILED));
    expect(store.trialKeys({ failed: true })).toEqual(new Set(["trial-1"]));
    expect(store.trialKeys({ failed: false })).toEqual(new Set());
  });

  it("judgements", () => {
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord());
    expect([...store.judgements()]).toEqual([judgementRecord()]);
  });

  it("thresholds with their queries in order, and their samples", () => {
    store.putThresholdSample(thresholdSampleRecord());
    store.putThresholdSample(
      thresholdSampleRecord({ key: "b", score: null, judgement: null, receipt: null, error: "x" }),
    );
    store.putThreshold(threshold);
    store.putThreshold({ ...threshold, calibration: "adapter", warning: "high" });
    expect(store.threshold(7)).toEqual(threshold);
    expect(store.threshold(7, "adapter")?.warning).toBe("high");
    expect(store.threshold(8)).toBeNull();
    expect(store.thresholds()).toHaveLength(2);
    expect(store.thresholdSample("7:search:0:0:12")).toEqual(thresholdSampleRecord());
    expect([...store.thresholdSamples({ latent: 7 })].map(({ error }) => error)).toEqual([null, "x"]);
    expect([...store.thresholdSamples({ latent: 8 })]).toEqual([]);
  });

  it("arms and latents in their order", () => {
    store.putArms([
      { name: "steered", content: { layer: 15 } },
      { name: "ablated", content: { layer: 15, clamp: [1, 2] } },
    ]);
    store.putLatents([
      { latent: 9, label: "bees", detail: { concreteness: 88 } },
      { latent: 2, label: null },
    ]);
    store.putLatents([{ latent: 9, role: "detector", label: "bees" }]);
    expect(store.arms().map(({ name }) => name)).toEqual(["steered", "ablated"]);
    expect(store.latents({ role: "steered" })).toEqual([
      { latent: 9, role: "steered", label: "bees", detail: { concreteness: 88 } },
      { latent: 2, role: "steered", label: null, detail: {} },
    ]);
    expect(store.latents()).toHaveLength(3);
  });

  it("events in their order", () => {
    store.putEvent({ kind: "resumed", detail: {} });
    store.putEvent({ kind: "finished", detail: { trials: 4 } });
    expect(store.events({ kind: "finished" })).toEqual([
      { at: "2026-05-05T05:05:05.000Z", kind: "finished", detail: { trials: 4 } },
    ]);
    expect(store.events().map(({ kind }) => kind)).toEqual(["resumed", "finished"]);
  });

  it("activations to 11 bits, also beyond the range of float16", () => {
    store.putTrial(trialRecord());
    const values = Float32Array.of(0, 1, -2.5, Math.PI, 65_504, 400_000);
    store.putActivations({ trialKey: "trial-1", name: "detectors", rows: 2, columns: [3, 1, 4], values });
    const read = store.activations({ trialKey: "trial-1", name: "detectors" });
    expect(read).toMatchObject({ rows: 2, columns: [3, 1, 4] });
    for (const [i, value] of values.entries()) {
      expect(Math.abs((read?.values[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(
        Math.abs(value) * 2 ** -11,
      );
    }
    expect(store.activations({ trialKey: "trial-1", name: "other" })).toBeNull();
  });
});

describe("writes are idempotent by key", () => {
  it("the same again is a no-op, whenever it was made", () => {
    expect(store.putTrial(trialRecord())).toBe(true);
    expect(store.putTrial(trialRecord({ createdAt: "2030-01-01T00:00:00.000Z" }))).toBe(false);
    expect(store.putJudgement(judgementRecord())).toBe(true);
    expect(store.putJudgement(judgementRecord())).toBe(false);
    expect(store.putThreshold(threshold)).toBe(true);
    expect(store.putThreshold(threshold)).toBe(false);
    expect(store.putThresholdSample(thresholdSampleRecord())).toBe(true);
    expect(store.putThresholdSample(thresholdSampleRecord())).toBe(false);
    store.putArms([{ name: "steered", content: {} }]);
    store.putArms([{ name: "steered", content: {} }]);
    expect(store.putManifest(manifestRecord())).toBe(false);
    expect(store.trial("trial-1")).toEqual(trialRecord());
    expect(store.counts()).toMatchObject({
      trials: 1,
      thresholds: 1,
      thresholdSamples: 1,
      judgements: { scored: 1 },
    });
  });

  it.each([
    ["trial text", () => store.putTrial(trialRecord({ text: "another" }))],
    ["trial tokens", () => store.putTrial(trialRecord({ tokens: Int32Array.of(5, 6, 7) }))],
    ["trial receipt", () => store.putTrial(trialRecord({ receipt: null }))],
    [
      "unit of an arm, under another key",
      () => store.putTrial(trialRecord({ key: "b", unit: trialRecord().unit })),
    ],
    ["judgement", () => store.putJudgement(judgementRecord({ detail: {} }))],
    ["threshold", () => store.putThreshold({ ...threshold, queries: [] })],
    ["threshold sample", () => store.putThresholdSample(thresholdSampleRecord({ score: 11 }))],
    ["arm", () => store.putArms([{ name: "steered", content: { layer: 2 } }])],
    ["latent", () => store.putLatents([{ latent: 7, label: "wasps" }])],
    ["manifest", () => store.putManifest(manifestRecord({ seed: 5 }))],
  ])("another %s is an error and changes nothing", (_, put) => {
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord());
    store.putThreshold(threshold);
    store.putThresholdSample(thresholdSampleRecord());
    store.putArms([{ name: "steered", content: {} }]);
    store.putLatents([{ latent: 7, label: "bees" }]);
    const everything = () => [
      ...store.judged(),
      ...store.thresholds(),
      ...store.thresholdSamples(),
      ...store.arms(),
      ...store.latents(),
      store.manifest(),
    ];
    const before = everything();
    try {
      put();
      expect.fail("overwritten");
    } catch (error) {
      expect(isCode(error, "STORE_CORRUPT") && error.facts.conflict).toBe(true);
    }
    expect(everything()).toEqual(before);
  });
});

describe("retries replace failures only, and leave an event", () => {
  it("a failed trial", () => {
    store.putTrial(trialRecord(FAILED));
    expect(store.retryTrial(trialRecord())).toBe(true);
    expect(store.trial("trial-1")).toEqual(trialRecord());
    expect(store.events()).toMatchObject([{ kind: "trial-retried", detail: { key: "trial-1" } }]);
    expect(() => store.retryTrial(trialRecord({ text: "better" }))).toThrow(/already holds other content/);
    expect(store.retryTrial(trialRecord({ key: "new" }))).toBe(true);
    expect(store.events()).toHaveLength(1);
  });

  it("a failed judgement", () => {
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord({ status: "failed", attempts: [] }));
    expect(store.retryJudgement(judgementRecord())).toBe(true);
    expect([...store.judgements()]).toEqual([judgementRecord()]);
    expect(() => store.retryJudgement(judgementRecord({ status: "no-attempt", attempts: [] }))).toThrow(
      /already holds/,
    );
    expect(store.events()).toMatchObject([{ kind: "judgement-retried", detail: { judge: JUDGE } }]);
  });
});

describe("an attempt must be in the text", () => {
  const span = { restartPhrase: null, score: 50, components: {} };
  it.each([
    ["ends after the response", [{ ...span, start: 0, end: 56 }]],
    ["is empty", [{ ...span, start: 3, end: 3 }]],
    [
      "overlaps the one before",
      [
        { ...span, start: 0, end: 9 },
        { ...span, start: 8, end: 12 },
      ],
    ],
    [
      "has a restart phrase that the response doesn't have there",
      [{ ...span, start: 0, end: 9, restartPhrase: "Wait" }],
    ],
  ])("one that %s is refused", (_, attempts) => {
    store.putTrial(trialRecord());
    try {
      store.putJudgement(judgementRecord({ attempts }));
      expect.fail("accepted");
    } catch (error) {
      expect(isCode(error, "REQUEST_INVALID")).toBe(true);
    }
    expect([...store.judgements()]).toEqual([]);
  });

  it("a judgement of no trial or of a failed one is refused", () => {
    store.putTrial(trialRecord({ ...FAILED, key: "failed" }));
    expect(() => store.putJudgement(judgementRecord())).toThrow(/no such trial/);
    expect(() => store.putJudgement(judgementRecord({ trialKey: "failed" }))).toThrow(/has no response/);
  });
});

describe("a judge failure is not a score", () => {
  it.each<Partial<JudgementRecord>>([
    { status: "scored", attempts: attemptRecords([null]) },
    { status: "scored", attempts: [] },
    { status: "no-attempt", attempts: attemptRecords([40]) },
    { status: "failed", attempts: attemptRecords([null]) },
    { status: "scored", attempts: attemptRecords([Number.NaN]) },
    { status: "scored", attempts: attemptRecords([100.5]) },
  ])("$status with $attempts is refused", (changes) => {
    store.putTrial(trialRecord());
    expect(() => store.putJudgement(judgementRecord(changes))).toThrow();
    expect([...store.judgements()]).toEqual([]);
  });

  it("fragments without a score are no attempt", () => {
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord({ status: "no-attempt", attempts: attemptRecords([null]) }));
    expect(store.counts().judgements).toMatchObject({ scored: 0, "no-attempt": 1 });
  });
});

describe("iteration", () => {
  it("goes over any number of trials once, in order, while judgements and trials are written", () => {
    const keys = Array.from({ length: 600 }, (_, i) => `trial-${i}`);
    store.transaction(() => {
      for (const [i, key] of keys.entries()) {
        store.putTrial(
          trialRecord({ key, arm: i % 2 ? "steered" : "unsteered", latent: i % 3 ? i % 3 : null }),
        );
      }
    });
    const seen: string[] = [];
    for (const { trial, judgement } of store.judged()) {
      expect(judgement).toBeNull();
      seen.push(trial.key);
      store.putJudgement(judgementRecord({ trialKey: trial.key }));
    }
    expect(seen).toEqual(keys);
    expect([...store.judged()].every(({ judgement }) => judgement !== null)).toBe(true);
    expect([...store.trials({ arm: "steered" })]).toHaveLength(300);
    expect([...store.trials({ latent: null })]).toHaveLength(200);
    expect([...store.trials({ arm: "steered", latent: 2 })].every(({ latent }) => latent === 2)).toBe(true);
  });

  it("joins each trial with the last repeat of the judge that was asked for", () => {
    store.putTrial(trialRecord());
    store.putJudgement(judgementRecord({ repeat: 1, detail: { which: "second" } }));
    store.putJudgement(judgementRecord({ repeat: 0 }));
    store.putJudgement(judgementRecord({ judge: "llm/2", repeat: 5, detail: { which: "other" } }));
    const of = (judge?: string) =>
      [...store.judged(judge === undefined ? {} : { judge })].map((row) => row.judgement?.detail);
    expect(of()).toEqual([{ which: "second" }]);
    expect(of("llm/2")).toEqual([{ which: "other" }]);
    expect(of("none/1")).toEqual([undefined]);
    expect(store.judgement({ trialKey: "trial-1", judge: "llm/2" })?.repeat).toBe(5);
    expect([...store.judgements({ trialKey: "trial-1", judge: JUDGE })].map(({ repeat }) => repeat)).toEqual([
      1, 0,
    ]);
  });
});

it("a transaction is all or nothing", () => {
  expect(() =>
    store.transaction(() => {
      store.putTrial(trialRecord());
      store.putTrial(trialRecord({ text: "another" }));
    }),
  ).toThrow(/already holds/);
  expect(store.counts().trials).toBe(0);
  store.putTrial(trialRecord());
  expect(store.counts().trials).toBe(1);
});

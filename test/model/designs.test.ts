/** One small run with the arms of every design on the default model: what pairs must share, and what each arm must do. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { steeredArm, unsteeredArm } from "../../src/experiment/arms.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { declareArms } from "../../src/experiment/declare-arms.ts";
import { META_PROMPTS } from "../../src/experiment/designs/meta-prompt.ts";
import { startRun } from "../../src/experiment/run.ts";
import { openSession } from "../../src/experiment/session.ts";
import { DETECTORS_SCHEMA, type ReferenceDetectors } from "../../src/latents/detectors/detector-file.ts";
import type { RunReport } from "../../src/report/run-report.ts";
import { openRun } from "../../src/store/open-store.ts";
import type { TrialRecord } from "../../src/store/records.ts";
import { type LlmServer, startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { runCli } from "./support/cli.ts";

/** The two that fire most rarely; they must be silent in all of these trials. */
const SILENT = [2714, 3707];
/** Fires on most tokens. */
const BUSY = 1869;
const THRESHOLD = 40;
const START = 6;
const PROMPTS = ["How do I boil an egg?", "How do I tie a shoelace?"];

let folder: string;
let dir: string;
let server: LlmServer;
let report: RunReport;
let trials: Map<string, Map<string, TrialRecord>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-designs-"));
  dir = path.join(folder, "run");
  server = await startLlmServer({ answer: scriptedJudge });
  const file = (name: string) => path.join(folder, name);
  const detectors: ReferenceDetectors = {
    schema: DETECTORS_SCHEMA,
    origin: "reference",
    model: "smollm2-135m",
    method: "made up",
    source: "this test",
    note: "",
    detectors: [...SILENT, BUSY].map((latent) => ({
      latent,
      label: null,
      sign: 1,
      weight: null,
      published: {},
    })),
  };
  await writeFile(file("detectors.json"), JSON.stringify(detectors));
  await writeFile(file("prompts.txt"), PROMPTS.join("\n"));
  await writeFile(
    file("run.yaml"),
    [
      "designs:",
      "  - {name: dose, levels: [0.5, 1]}",
      `  - {name: ablation, detectors: ${file("detectors.json")}, first: [${SILENT.length}], shares: [0.5]}`,
      "  - {name: meta-prompt, variants: [label, neutral], place: system}",
      `  - {name: prefill, tokens: ${START}}`,
      "  - vector",
      `model: ${inject("modelPath")}`,
      "sae: smollm2-135m-instruct.l15.8k",
      "layer: 15",
      `prompts: {evaluation: ${file("prompts.txt")}}`,
      "latents: {indices: [2316, 607]}",
      `threshold: {range: [${THRESHOLD}, ${THRESHOLD + 0.001}], priorMean: ${THRESHOLD}, priorStd: 0.001, samples: 1, minQueries: 1, maxQueries: 1, verifySamples: 0, maxTokens: 8}`,
      "trialsPerLatent: 2",
      "sampling: {maxTokens: 16, repetitionPenalty: 1.1}",
      `judge: {kind: llm, provider: compatible, model: scripted, baseUrl: "${server.url}"}`,
    ].join("\n"),
  );
  const machine = ["--workers", "1", "--threads", "1", "--cache-dir", file("cache")];
  const { code, stdout, stderr } = await runCli({
    args: ["run", file("run.yaml"), "--out", dir, "--json", ...machine],
  });
  expect(code, stderr).toBe(0);
  report = JSON.parse(stdout);
  using store = openRun({ dir, mode: "read" });
  trials = new Map();
  for (const trial of store.trials()) {
    const units = trials.get(trial.arm) ?? new Map<string, TrialRecord>();
    trials.set(trial.arm, units.set(trial.unit, trial));
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Trials of several arms, a row a unit. */
function units<Name extends string>(...names: Name[]): Record<Name, TrialRecord>[] {
  const [first = "steered"] = names;
  return [...(trials.get(first)?.keys() ?? [])].map((unit) => {
    const row = names.map((name) => {
      const trial = trials.get(name)?.get(unit);
      if (trial === undefined) throw new Error(`${name} lacks ${unit}`);
      expect(trial.error, `${name} of ${unit}`).toBeNull();
      return [name, trial];
    });
    // the keys are exactly the names
    return Object.fromEntries(row) as Record<Name, TrialRecord>;
  });
}

test("every arm replays the same units", () => {
  const keys = [...trials.values()].map((of) => [...of.keys()].sort());
  expect(keys).toHaveLength(13);
  for (const each of keys) expect(each).toEqual(keys[0]);
  expect(keys[0]).toHaveLength(4);
});

test("an arm whose clamps never fire gives the text of the steered arm, and one whose clamp fires says so", () => {
  const none = "ablated-first-2";
  const changed = { whole: 0, half: 0 };
  for (const row of units("steered", none, "ablated", "ablated-share-0.5")) {
    expect(row[none].receipt?.edits.slice(1).map(({ rowsChanged }) => rowsChanged)).toEqual(
      SILENT.map(() => 0),
    );
    expect(row[none].text).toBe(row.steered.text);
    expect(row[none].tokens).toEqual(row.steered.tokens);
    expect(row[none].key).not.toBe(row.steered.key);
    const [whole, half] = [row.ablated, row["ablated-share-0.5"]].map(({ receipt }) =>
      receipt?.edits.find(({ latent }) => latent === BUSY),
    );
    changed.whole += whole?.rowsChanged ?? 0;
    changed.half += half?.rowsChanged ?? 0;
  }
  expect(changed.whole).toBeGreaterThan(0);
  expect(changed.half).toBeGreaterThan(0);
});

test("levels are multiples of the latent's own threshold, and the dose follows", () => {
  for (const { steered, "dose-0.5": half } of units("steered", "dose-0.5")) {
    expect(steered.strength).toBeCloseTo(THRESHOLD, 2);
    expect(half.strength).toBeCloseTo(steered.strength / 2, 10);
    expect(half.receipt?.meanDose).toBeLessThan(steered.receipt?.meanDose ?? 0);
  }
});

test("the judge reads the original prompt, and the model the meta-prompt with the latent's label", () => {
  for (const { steered, "meta-label": told, "meta-neutral": neutral } of units(
    "steered",
    "meta-label",
    "meta-neutral",
  )) {
    expect(told.prompt).toBe(steered.prompt);
    expect(PROMPTS).toContain(told.prompt);
    for (const meta of [told, neutral]) expect(meta.promptTokens).toBeGreaterThan(steered.promptTokens);
  }
  expect(server.seen.length).toBeGreaterThan(40);
  const words = [META_PROMPTS.neutral, META_PROMPTS.label.slice(-40)];
  for (const { prompt } of server.seen) {
    for (const text of words) expect(prompt).not.toContain(text);
  }
});

test("an answer begins with the first tokens of its source, all starts of a unit are equally long, and offsets count from its beginning", () => {
  const arms = [
    ["steered", "off-topic-start"],
    ["steered", "off-topic-start-steered"],
    ["unsteered", "on-topic-start"],
    ["unsteered", "on-topic-start-steered"],
  ] as const;
  for (const row of units("steered", "unsteered", ...arms.map(([, arm]) => arm))) {
    const length = Math.min(START, row.steered.tokens.length, row.unsteered.tokens.length);
    for (const [source, arm] of arms) {
      const [from, trial] = [row[source], row[arm]];
      expect(trial.tokens.slice(0, length)).toEqual(from.tokens.slice(0, length));
      expect(trial.offsets.slice(0, length)).toEqual(from.offsets.slice(0, length));
      const start = from.text.slice(0, from.offsets[length] ?? from.text.length);
      expect(trial.text.startsWith(start)).toBe(true);
      expect(trial.tokens.length).toBeGreaterThan(length);
      expect(trial.tokens.length).toBeLessThanOrEqual(16);
      expect(trial.offsets[length]).toBe(start.length);
      expect(trial.promptTokens).toBe(row.unsteered.promptTokens);
      expect([...trial.offsets]).toEqual([...trial.offsets].sort((a, b) => a - b));
      expect(trial.offsets.at(-1)).toBeLessThanOrEqual(trial.text.length);
    }
    expect(row["off-topic-start"].receipt).toBeNull();
    expect(row["on-topic-start-steered"].receipt?.edits).toHaveLength(1);
  }
});

test("a contrastive vector is added at the dose of the latent's direction", () => {
  for (const { steered, "contrast-vector": vector } of units("steered", "contrast-vector")) {
    expect(vector.receipt?.edits).toEqual([expect.objectContaining({ kind: "add", latent: null })]);
    const [a = 0, b = 1] = [vector.receipt?.meanDose, steered.receipt?.meanDose];
    expect(a / b).toBeGreaterThan(0.8);
    expect(a / b).toBeLessThan(1.25);
    expect(vector.text).not.toBe(steered.text);
  }
});

test("the report has a family for each design that compares, corrected by Holm, and its curves", () => {
  expect(report.families.map(({ design }) => design)).toEqual([
    "dose",
    "ablation",
    "meta-prompt",
    "prefill",
    "vector",
  ]);
  for (const { rows } of report.families) {
    expect(rows.length).toBeGreaterThan(0);
    for (const { p, pHolm, pairs } of rows) {
      expect(pairs).toBeGreaterThan(0);
      expect(pHolm).toBeGreaterThanOrEqual(p);
    }
  }
  expect(report.curves.map(({ axis, points }) => [axis, points.map(({ x }) => x)])).toEqual([
    ["times the threshold", [0.5, 1]],
    ["latents ablated", [0, SILENT.length, SILENT.length + 1]],
    ["share of the way to the value", [0, 0.5, 1]],
  ]);
});

test("a finished run that is resumed changes nothing", async () => {
  const before = [...trials.values()].flatMap((of) => [...of.values()]);
  const machine = ["--workers", "1", "--threads", "1", "--cache-dir", path.join(folder, "cache")];
  const { code, stderr } = await runCli({ args: ["resume", dir, "--json", ...machine] });
  expect(code, stderr).toBe(0);
  using store = openRun({ dir, mode: "read" });
  const byKey = (all: TrialRecord[]) => all.sort((a, b) => (a.key < b.key ? -1 : 1));
  expect(byKey([...store.trials()])).toEqual(byKey(before));
});

test("an arm's recording has a row for each token that was fed, and a given start is a part of the answer", async () => {
  const settings: unknown = parse(await readFile(path.join(folder, "run.yaml"), "utf8"));
  if (typeof settings !== "object") throw new Error("no settings");
  const config = parseConfig({
    settings: { ...settings, designs: ["esr"], latents: { indices: [2316] }, trialsPerLatent: 1 },
    source: "test",
  });
  const cacheDir = path.join(folder, "cache");
  const session = await openSession({ config, machine: { cacheDir, workers: 1, threads: 1 } });
  const recorded = path.join(folder, "recorded");
  const text = "Bees hum — naïvely. ";
  try {
    const recording = { name: "busy", latents: [BUSY] };
    const arms = declareArms({
      arms: [
        steeredArm({ recording }),
        unsteeredArm({ name: "started", recording, prefill: { kind: "text", text } }),
      ],
      context: { saeHash: session.dictionary.hash(), layer: session.layer },
    });
    const common = { cacheDir, llm: { keys: {} }, onProgress: () => undefined };
    await startRun({ ...common, dir: recorded, preset: null, session: { ...session, arms, analyses: [] } });
    using store = openRun({ dir: recorded, mode: "read" });
    const stored = ["steered", "started"].flatMap((arm) => [...store.trials({ arm })]);
    expect(stored.map(({ error }) => error)).toEqual([null, null]);
    let greatest = 0;
    for (const { key, promptTokens, tokens, finish } of stored) {
      const rows = store.activations({ trialKey: key, name: "busy" });
      // the last sampled token was never fed; where the end was sampled, that is the one
      expect(rows?.rows).toBe(promptTokens + tokens.length - (finish === "length" ? 1 : 0));
      expect(rows?.columns).toEqual([BUSY]);
      greatest = Math.max(greatest, ...(rows?.values ?? []));
    }
    expect(greatest).toBeGreaterThan(0);
    const started = stored[1];
    const given = (await session.engine.tokenize(text)).length;
    expect(started?.text.startsWith(text)).toBe(true);
    expect(started?.offsets[given]).toBe(text.length);
    for (const [i, offset] of [...(started?.offsets ?? [])].slice(0, given).entries()) {
      const before = await session.engine.detokenize(started?.tokens.slice(0, i) ?? new Int32Array(0));
      expect(text.slice(0, offset)).toBe(before.replace(/\uFFFD+$/, ""));
    }
  } finally {
    await session.close();
  }
});

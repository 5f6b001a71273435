/** The `ablation` design with a file of controls, on real weights: what is clamped, and that pairs are exact. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { RunReport } from "../../src/report/run-report.ts";
import { openRun } from "../../src/store/open-store.ts";
import type { TrialRecord } from "../../src/store/records.ts";
import { writeAblationFiles } from "../support/ablation-files.ts";
import { type LlmServer, startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { runCli } from "./support/cli.ts";

/** They fire most rarely of all, and are silent in all of these trials. */
const SILENT = [2714, 3707] as const;
/** The first fires on most tokens. */
const DETECTORS = [1869, 100, 200];
const UNMATCHED = 200;
const THRESHOLD = 40;

let folder: string;
let server: LlmServer;
let report: RunReport;
let trials: TrialRecord[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-ablation-"));
  const dir = path.join(folder, "run");
  server = await startLlmServer({ answer: scriptedJudge });
  const [first, second] = DETECTORS;
  const files = await writeAblationFiles({
    folder,
    detectors: DETECTORS,
    sets: [
      { [first ?? 0]: SILENT[0], [second ?? 0]: SILENT[1], [UNMATCHED]: 300 },
      { [first ?? 0]: SILENT[1], [second ?? 0]: SILENT[0] },
    ],
  });
  const file = (name: string) => path.join(folder, name);
  await writeFile(file("prompts.txt"), "How do I boil an egg?\nHow do I tie a shoelace?\n");
  await writeFile(
    file("run.yaml"),
    [
      "designs:",
      `  - {name: ablation, detectors: ${files.detectors}, controls: ${files.controls}, first: [1], randomFirst: true}`,
      `model: ${inject("modelPath")}`,
      "sae: smollm2-135m-instruct.l15.8k",
      "layer: 15",
      `prompts: {evaluation: ${file("prompts.txt")}}`,
      "latents: {indices: [2316]}",
      `threshold: {range: [${THRESHOLD}, ${THRESHOLD + 0.001}], priorMean: ${THRESHOLD}, priorStd: 0.001, samples: 1, minQueries: 1, maxQueries: 1, verifySamples: 0, maxTokens: 8}`,
      "trialsPerLatent: 2",
      "sampling: {maxTokens: 24, repetitionPenalty: 1.1}",
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
  trials = [...store.trials()];
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const of = (arm: string) =>
  trials.filter((trial) => trial.arm === arm).sort((a, b) => (a.unit < b.unit ? -1 : 1));
const clampsOf = ({ receipt }: TrialRecord) => receipt?.edits.filter(({ kind }) => kind === "clamp") ?? [];

test("detectors without a control in every set are not clamped, and every arm clamps as many as it says", () => {
  const clamped = (arm: string) => of(arm).map((trial) => clampsOf(trial).map(({ latent }) => latent));
  const [first, second] = DETECTORS;
  const twice = (latents: unknown[]) => [latents, latents];
  expect(clamped("ablated")).toEqual(twice([first, second]));
  expect(clamped("ablated-first-1")).toEqual(twice([first]));
  expect(clamped("random-1")).toEqual(twice([SILENT[0], SILENT[1]]));
  expect(clamped("random-2")).toEqual(twice([SILENT[1], SILENT[0]]));
  expect(clamped("random-1-first-1")).toEqual(twice([SILENT[0]]));
  expect(clamped("random-2-first-1")).toEqual(twice([SILENT[1]]));
});

test("arms whose clamp never fires give the identical text, and the clamp that fires says so", () => {
  const steered = of("steered");
  expect(steered).toHaveLength(2);
  for (const arm of ["random-1", "random-2", "random-1-first-1", "random-2-first-1"]) {
    for (const [i, trial] of of(arm).entries()) {
      expect(clampsOf(trial).map(({ rowsChanged }) => rowsChanged)).toEqual(clampsOf(trial).map(() => 0));
      expect(trial.tokens, arm).toEqual(steered[i]?.tokens);
      expect(trial.text).toBe(steered[i]?.text);
      expect(trial.key).not.toBe(steered[i]?.key);
    }
  }
  expect(of("ablated").every((trial) => (clampsOf(trial)[0]?.rowsChanged ?? 0) > 0)).toBe(true);
  expect(of("ablated").map(({ text }) => text)).not.toEqual(steered.map(({ text }) => text));
});

test("silent controls differ by nothing, in the family and on the curves", () => {
  const rows = report.families.flatMap((family) => family.rows);
  const nothing = rows.filter(
    ({ treatment, reference }) => reference === "steered" && treatment.startsWith("random"),
  );
  expect(nothing).toHaveLength(8);
  for (const { difference, p } of nothing) expect([difference.estimate, p]).toEqual([0, 1]);
  expect(report.curves.map(({ axis, points }) => [axis, points.map(({ x }) => x)])).toEqual([
    ["latents ablated", [0, 1, 2]],
    ["latents ablated, random set 1", [0, 1, 2]],
    ["latents ablated, random set 2", [0, 1, 2]],
  ]);
});

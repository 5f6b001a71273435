/**
 * Restarts whose place is known: an answer begins with the model's own steered words, then a given sentence starts over. Region borders must lie on
 * its very tokens, and what was recorded during the generation must be what the stored tokens give when they are read again under the same edits.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Intervention } from "../../src/engine/engine.ts";
import { readBacktracking } from "../../src/latents/backtracking/backtracking-file.ts";
import { DETECTORS_SCHEMA, type ReferenceDetectors } from "../../src/latents/detectors/detector-file.ts";
import type { ActivationReport } from "../../src/report/activations/activation-report.ts";
import type { TrialTimeline } from "../../src/report/activations/trial-timeline.ts";
import { openDictionary } from "../../src/sae/open-dictionary.ts";
import { openRun } from "../../src/store/open-store.ts";
import type { TrialRecord } from "../../src/store/records.ts";
import { type LlmServer, startLlmServer } from "../support/llm-server.ts";
import { RESTART } from "../support/responses-run.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { runCli } from "./support/cli.ts";
import { gather, generateOne, only, openEngine, sampling } from "./support/engine.ts";

/** One that fires on most tokens, and one that hardly ever does. */
const DETECTORS = [1869, 2714];
const SAE = "smollm2-135m-instruct.l15.8k";
const START = 10;
const SENTENCE = `\n\n${RESTART}`;

let folder: string;
let dir: string;
let server: LlmServer;
let report: { activations: ActivationReport[] };
/** Tokens of the sentence, as texts. */
let sentence: string[];

const file = (name: string) => path.join(folder, name);

async function cli(...args: string[]): Promise<string> {
  const machine = ["--workers", "1", "--threads", "1", "--cache-dir", file("cache")];
  const { code, stdout, stderr } = await runCli({ args: [...args, "--json", ...machine] });
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-timeline-"));
  dir = file("run");
  server = await startLlmServer({ answer: scriptedJudge });
  const detectors: ReferenceDetectors = {
    schema: DETECTORS_SCHEMA,
    origin: "reference",
    model: "smollm2-135m",
    method: "made up",
    source: "this test",
    note: "",
    detectors: DETECTORS.map((latent) => ({ latent, label: null, sign: 1, weight: null, published: {} })),
  };
  await writeFile(file("detectors.json"), JSON.stringify(detectors));
  await writeFile(file("prompts.txt"), "How do I boil an egg?\nHow do I tie a shoelace?");
  await writeFile(
    file("run.yaml"),
    [
      "designs:",
      `  - {name: timeline, detectors: ${file("detectors.json")}, labels: ${SAE}, tokens: ${START}, restart: ${JSON.stringify(SENTENCE)}, window: [-6, 7]}`,
      `  - {name: activations, detectors: ${file("detectors.json")}, positions: generated, baselineScore: 0}`,
      `model: ${inject("modelPath")}`,
      `sae: ${SAE}`,
      "layer: 15",
      `prompts: {evaluation: ${file("prompts.txt")}}`,
      "latents: {indices: [2316, 607]}",
      "threshold: {range: [40, 40.001], priorMean: 40, priorStd: 0.001, samples: 1, minQueries: 1, maxQueries: 1, verifySamples: 0, maxTokens: 8}",
      "trialsPerLatent: 2",
      "sampling: {maxTokens: 32, repetitionPenalty: 1.1}",
      `judge: {kind: llm, provider: compatible, model: scripted, baseUrl: "${server.url}"}`,
    ].join("\n"),
  );
  report = JSON.parse(await cli("run", file("run.yaml"), "--out", dir));
  const engine = await openEngine();
  try {
    const tokens = await engine.tokenize(SENTENCE);
    sentence = await Promise.all(Array.from(tokens, (token) => engine.detokenize(Int32Array.of(token))));
  } finally {
    await engine.close();
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function trialsOf(arm: string): TrialRecord[] {
  using store = openRun({ dir, mode: "read" });
  const trials = [...store.trials({ arm })].sort((a, b) => (a.unit < b.unit ? -1 : 1));
  expect(trials.map(({ error }) => error)).toEqual(trials.map(() => null));
  return trials;
}

function recordingOf(trial: TrialRecord, name: string) {
  using store = openRun({ dir, mode: "read" });
  const recording = store.activations({ trialKey: trial.key, name });
  if (recording === null) throw new Error(`${trial.key} has no ${name}`);
  return recording;
}

test("region borders lie on the exact tokens of a restart that was put into the answer", () => {
  const timeline = report.activations.find(({ design }) => design === "timeline");
  expect(timeline?.episodes).toHaveLength(4);
  const wait = sentence.findIndex((text) => text.includes("Wait"));
  expect(sentence.slice(0, wait).join("")).toBe("\n\n");
  for (const trial of trialsOf("forced-restart")) {
    const regions = timeline?.episodes.find(({ key }) => key === trial.key)?.regions;
    const source = trialsOf("steered").find(({ unit }) => unit === trial.unit);
    const given = Math.min(START, source?.tokens.length ?? 0);
    expect(trial.tokens.slice(0, given)).toEqual(source?.tokens.slice(0, given));
    expect(regions).toEqual({
      // the line break stands before the phrase
      "off-topic": { start: 0, end: given + wait },
      correction: { start: given + wait, end: given + sentence.length },
      "on-topic": { start: given + sentence.length, end: trial.tokens.length },
    });
    const from = trial.offsets[given + wait] ?? 0;
    expect(trial.text.slice(from, trial.offsets[given + sentence.length])).toBe(RESTART);
  }
});

test("an arm's recording ends with the unit's own latent, which fires by the edit, and has a row for each token that was fed", () => {
  for (const trial of [...trialsOf("forced-restart"), ...trialsOf("no-restart")]) {
    const { rows, columns, values } = recordingOf(trial, "timeline");
    expect(rows).toBe(trial.promptTokens + trial.tokens.length - (trial.finish === "stop" ? 0 : 1));
    expect(columns.slice(0, 2)).toEqual(DETECTORS);
    expect(columns.at(-1)).toBe(trial.latent);
    const own = Array.from({ length: rows }, (_, row) => values[(row + 1) * columns.length - 1] ?? 0);
    expect(own.filter((value) => value > 0).length).toBeGreaterThan(rows / 2);
  }
});

test("up to the restart both arms have the same activations, for they have the same tokens", () => {
  const plain = trialsOf("no-restart");
  for (const [i, trial] of trialsOf("forced-restart").entries()) {
    const other = plain[i];
    if (other === undefined) throw new Error("no pair");
    expect(other.unit).toBe(trial.unit);
    const [a, b] = [recordingOf(trial, "timeline"), recordingOf(other, "timeline")];
    const same = (trial.promptTokens + START) * a.columns.length;
    expect(a.values.slice(0, same)).toEqual(b.values.slice(0, same));
    expect(a.columns).toEqual(b.columns);
  }
  const detectors = report.activations[0]?.groups[0];
  expect(detectors?.noRestart?.paired?.["off-topic"].pairs).toBe(4);
});

test("averages around the restart count the episodes that have a token there", () => {
  const [timeline, activations] = report.activations;
  const points = timeline?.aligned[0]?.points ?? [];
  expect(points.map(({ offset }) => offset)).toEqual(Array.from({ length: 13 }, (_, i) => i - 6));
  for (const { n } of points) expect(n).toBe(4);
  // nobody starts over by itself
  expect(activations?.episodes).toEqual([]);
  expect(activations?.leftOut).toEqual([{ reason: "no restart", trials: 4 }]);
  expect(activations?.groups[0]?.baseline?.answers).toBe(4);
});

test("a stored trial that is read again has the activations and the receipt of its generation, whichever rows were edited", async () => {
  for (const [arm, name] of [
    ["forced-restart", "timeline"],
    ["steered-recorded", "activations"],
    ["unsteered-recorded", "activations"],
  ] as const) {
    const [trial] = trialsOf(arm);
    if (trial === undefined) throw new Error(`no trial of ${arm}`);
    const shown: TrialTimeline = JSON.parse(await cli("timeline", dir, "--trial", trial.key.slice(0, 12)));
    const detectors = ["--detectors", file("detectors.json")];
    const again: TrialTimeline = JSON.parse(await cli("timeline", dir, "--trial", trial.key, ...detectors));
    expect([shown.source, again.source]).toEqual(["recorded", "replayed"]);
    expect(again.tokens.map(({ region }) => region)).toEqual(shown.tokens.map(({ region }) => region));
    expect(shown.tokens).toHaveLength(trial.tokens.length);
    expect(recordingOf(trial, name).rows).toBeGreaterThan(trial.promptTokens);
    for (const [i, token] of again.tokens.entries()) {
      const stored = shown.tokens[i];
      // stored with 11 significant bits
      for (const [now, before] of [
        [token.sums[0], stored?.sums[0]],
        [token.steered, stored?.steered],
      ]) {
        expect(now === null).toBe(before === null);
        expect(Math.abs((now ?? 0) - (before ?? 0))).toBeLessThanOrEqual(
          1e-3 * Math.max(1, Math.abs(now ?? 0)),
        );
      }
    }
  }
});

test("tokens that are given again are computed as they were when they were generated, to the bit, however long the answer is", async () => {
  const engine = await openEngine();
  try {
    const prompt = await engine.tokenize("Bees hum and fly from flower to flower. ".repeat(3));
    const sae = openDictionary({ path: SAE }).path;
    const latents = DETECTORS;
    const intervention: Intervention = {
      layer: 15,
      positions: { kind: "generated" },
      edits: [{ kind: "add", direction: { sae, latent: 2316 }, strength: 40 }],
    };
    const made = await generateOne(engine, {
      tokens: prompt,
      sampling: sampling({ temperature: 0.6, seed: 1, maxTokens: 80 }),
      intervention,
      record: { layer: 15, sae, latents },
    });
    const fed = made.finish === "length" ? made.tokens.slice(0, -1) : made.tokens;
    const tokens = Int32Array.from([...prompt, ...fed]);
    const what = { kind: "latents" as const, sae, latents };
    const request = { id: "again", tokens, promptTokens: prompt.length, layer: 15, intervention, what };
    const again = only(await gather(engine.capture([request])));
    // as one prompt, so many rows would be computed by another routine
    expect(prompt.length).toBeLessThan(64);
    expect(tokens.length).toBeGreaterThan(64);
    expect(again.values).toEqual(made.recorded);
    expect(again.receipt).toEqual(made.receipt);
    for (const promptTokens of [0, tokens.length + 1, 1.5]) {
      const refused = async () => await gather(engine.capture([{ ...request, promptTokens }]));
      await expect(refused).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    }
  } finally {
    await engine.close();
  }
});

test("data of the figures is written as CSV, one row a token or an offset", async () => {
  const [trial] = trialsOf("forced-restart");
  await cli("timeline", dir, "--csv", file("aligned.csv"));
  await cli("timeline", dir, "--trial", trial?.key ?? "", "--csv", file("trial.csv"));
  const aligned = (await readFile(file("aligned.csv"), "utf8")).trim().split("\n");
  expect(aligned[0]).toBe("design,group,offset,n,clusters,mean,lower,upper");
  expect(aligned.filter((line) => line.startsWith("timeline,detectors"))).toHaveLength(13);
  const header = (await readFile(file("trial.csv"), "utf8")).split("\n")[0];
  expect(header).toBe("trial,token,offset,text,region,detectors,backtracking,steered");
});

test("backtracking latents are found at the restarts of a stored run", async () => {
  const out = file("backtracking.json");
  const choice = ["--alpha", "1", "--top", "5", "--permutations", "50"];
  await cli("latents", "backtracking", "--run", dir, "--sae", SAE, "--out", out, ...choice);
  const found = await readBacktracking({ path: out });
  if (found.by !== "contrast") throw new Error("not by contrast");
  expect(found.texts).toBe(4);
  expect(found.latents).toHaveLength(5);
  for (const { meanPhrase, meanOther, z } of found.latents) {
    expect(meanPhrase).toBeGreaterThan(meanOther);
    expect(z).toBeGreaterThan(0);
  }
});

test("a trial whose prompt is no longer there is not replayed", async () => {
  const [trial] = trialsOf("forced-restart");
  await writeFile(file("prompts.txt"), "How do I bake bread?\nHow do I plant a tree?");
  const latents = ["--latents", "5", "--workers", "1", "--cache-dir", file("cache"), "--json"];
  const { code, stdout, stderr } = await runCli({
    args: ["timeline", dir, "--trial", trial?.key ?? "", ...latents],
  });
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("RUNS_UNEQUAL");
});

/** The design `finetune` on real weights: pairs, an adapter that does nothing, the question where steering helps, held-out latents, and retention. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { readBaseModel } from "../../src/finetune/adapter/base-model.ts";
import { writePeft } from "../../src/finetune/adapter/write-peft.ts";
import { writeMeta } from "../../src/finetune/data/meta.ts";
import type { RunReport } from "../../src/report/run-report.ts";
import { openDictionary, shippedDictionaries } from "../../src/sae/open-dictionary.ts";
import { openRun } from "../../src/store/open-store.ts";
import type { TrialRecord } from "../../src/store/records.ts";
import { datasetMeta } from "../support/dataset-meta.ts";
import { type LlmServer, startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { runCli } from "./support/cli.ts";
import { fixedAdapter, loraFile } from "./support/lora.ts";

const SAE = "smollm2-135m-instruct.l15.8k";
/** Concrete, and silent on the prompts. */
const LABELS = { 132: "bone", 2211: "product" };
const HELD_OUT = Object.keys(LABELS).map(Number);
const PROMPTS = ["How do I fold a paper plane?", "How do I tie a shoelace?"];
const THRESHOLD = 40;
const MACHINE = ["--workers", "1", "--threads", "1"];

let folder: string;
let server: LlmServer;
let report: RunReport;
let trials: TrialRecord[];
const file = (name: string) => path.join(folder, name);
const machine = () => [...MACHINE, "--cache-dir", file("cache"), "--json"];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-finetune-"));
  server = await startLlmServer({ answer: scriptedJudge });
  const model = await readBaseModel({ path: inject("modelPath") });
  await writeFile(file("nothing.gguf"), loraFile({ scale: 0 }));
  const adapter = fixedAdapter({ model, layers: [0, 15], scale: 0.3 });
  await writePeft({ dir: file("strong"), ...adapter, baseModel: "any", model });
  const dictionary = openDictionary({ path: shippedDictionaries().get(SAE) ?? "" });
  const meta = datasetMeta({ training: [6193], evaluation: HELD_OUT, saeHash: dictionary.hash() });
  dictionary.close();
  await writeMeta({ file: file("data.jsonl"), meta });
  const records = [
    { id: "n1", kind: "normal", prompt: "How do I wash a car?", split: "validation" },
    { id: "n2", kind: "normal", prompt: "How do I paint a fence?", split: "train" },
  ].map((part) => ({ ...part, segments: [{ text: "Use clean water and a soft sponge.", trained: true }] }));
  await writeFile(file("data.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  await writeFile(file("prompts.txt"), PROMPTS.join("\n"));
  await writeFile(file("held-out.txt"), "How do I sharpen a pencil?\n");
  await writeFile(
    file("run.yaml"),
    [
      "design:",
      "  name: finetune",
      `  data: ${file("data.jsonl")}`,
      "  adapters:",
      `    - {name: nothing, path: ${file("nothing.gguf")}, ratio: 0}`,
      `    - {name: strong, path: ${file("strong")}, ratio: 50}`,
      `model: ${inject("modelPath")}`,
      `sae: ${SAE}`,
      "layer: 15",
      `prompts: {evaluation: ${file("prompts.txt")}, heldOut: ${file("held-out.txt")}}`,
      `latents: {count: ${HELD_OUT.length}}`,
      `threshold: {range: [${THRESHOLD}, ${THRESHOLD + 0.001}], priorMean: ${THRESHOLD}, priorStd: 0.001, samples: 1, minQueries: 1, maxQueries: 1, verifySamples: 0, maxTokens: 8}`,
      "trialsPerLatent: 2",
      "sampling: {maxTokens: 16, repetitionPenalty: 1.1}",
      `judge: {kind: llm, provider: compatible, model: scripted, baseUrl: "${server.url}"}`,
    ].join("\n"),
  );
  const { code, stdout, stderr } = await runCli({
    args: ["run", file("run.yaml"), "--out", file("run"), ...machine()],
  });
  expect(code, stderr).toBe(0);
  report = JSON.parse(stdout);
  using store = openRun({ dir: file("run"), mode: "read" });
  trials = [...store.trials()];
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const of = (arm: string) =>
  trials.filter((trial) => trial.arm === arm).sort((a, b) => (a.unit < b.unit ? -1 : 1));

test("every arm replays the same units: strength, seed and prompt", () => {
  const shared = (arm: string) =>
    of(arm).map(({ unit, strength, seed, promptIndex }) => [unit, strength, seed, promptIndex]);
  expect(trials).toHaveLength(9 * 4);
  expect(trials.map(({ error }) => error)).toEqual(trials.map(() => null));
  for (const suffix of ["", "-unsteered", "-helpful"]) {
    for (const adapter of ["nothing", "strong"]) {
      expect(shared(`${adapter}${suffix}`)).toEqual(shared("steered"));
    }
  }
});

test("only latents that the data leave for evaluation are steered", () => {
  expect(new Set(trials.map(({ latent }) => latent))).toEqual(new Set(HELD_OUT));
});

test("an adapter that does nothing gives the base model's texts, and one that does something gives others", () => {
  for (const [base, suffix] of [
    ["steered", ""],
    ["unsteered", "-unsteered"],
    ["helpful", "-helpful"],
  ] as const) {
    const texts = (arm: string) => of(arm).map(({ text }) => text);
    expect(texts(`nothing${suffix}`)).toEqual(texts(base));
    expect(texts(`strong${suffix}`)).not.toEqual(texts(base));
    expect(of(`nothing${suffix}`).map(({ key }) => key)).not.toEqual(of(base).map(({ key }) => key));
  }
});

test("where steering helps, model and judge are asked about what the latent stands for", () => {
  const labels = new Map(Object.entries(LABELS).map(([latent, label]) => [Number(latent), label]));
  for (const arm of ["helpful", "strong-helpful"]) {
    for (const { latent, prompt, receipt } of of(arm)) {
      expect(prompt).toBe(`Tell me about ${labels.get(latent ?? -1)}.`);
      expect(receipt?.edits).toEqual([expect.objectContaining({ kind: "add", latent })]);
    }
  }
  expect(new Set(of("steered").map(({ prompt }) => prompt))).toEqual(new Set(PROMPTS));
});

test("the report compares each adapter with the base model, and has a curve over mixtures for each kind of arm", () => {
  const [family] = report.families;
  expect(family?.rows).toHaveLength(14);
  // equal texts are equal in every measure
  for (const { treatment, difference } of family?.rows ?? []) {
    if (treatment.startsWith("nothing")) expect(difference.estimate).toBe(0);
  }
  expect(report.curves.map(({ axis, points }) => [axis, points.map(({ x }) => x)])).toEqual([
    ["% self-corrections", [0, 50]],
    ["% self-corrections, unsteered", [0, 50]],
    ["% self-corrections, helpful", [0, 50]],
  ]);
});

test("held-out texts are as likely as before under an adapter that does nothing, and less under one at random", async () => {
  const { code, stdout, stderr } = await runCli({
    args: ["finetune", "evaluate", file("run"), ...machine()],
  });
  expect(code, stderr).toBe(0);
  const { arms, retention } = JSON.parse(stdout);
  expect(arms).toHaveLength(9);
  const found = retention.map((each: { adapter: string; set: string; texts: number }) => [
    each.adapter,
    each.set,
    each.texts,
  ]);
  expect(found).toEqual([
    ["nothing", "answers", 1],
    ["nothing", "prose", 10],
    ["strong", "answers", 1],
    ["strong", "prose", 10],
  ]);
  const [nothing, strong] = [retention[1], retention[3]];
  expect(nothing.tokens).toBeGreaterThan(700);
  expect(nothing.perplexity.base).toBe(strong.perplexity.base);
  expect(nothing.perplexity.base).toBeGreaterThan(5);
  expect(nothing.perplexity.base).toBeLessThan(100);
  expect(nothing.perplexity.adapted).toBe(nothing.perplexity.base);
  expect(nothing.difference.estimate).toBe(0);
  expect(strong.difference.upper).toBeLessThan(0);
  expect(strong.perplexity.adapted).toBeGreaterThan(strong.perplexity.base);
});

test("a run that names a training latent, or asks a training prompt, does not begin", async () => {
  const settings = `design: {name: finetune, data: ${file("data.jsonl")}, adapters: [{name: a, path: ${file("nothing.gguf")}}]}`;
  const yaml = (rest: string) =>
    writeFile(
      file("bad.yaml"),
      `${settings}\nmodel: ${inject("modelPath")}\nsae: ${SAE}\nlayer: 15\n${rest}\n`,
    );
  const codeOf = async () => {
    const { stdout } = await runCli({ args: ["run", file("bad.yaml"), "--out", file("bad"), ...machine()] });
    return JSON.parse(stdout).error.code;
  };
  await yaml("latents: {indices: [132, 6193]}");
  expect(await codeOf()).toBe("FINETUNE_CONTAMINATED");
  await writeFile(file("trained.txt"), "How do I paint a fence?\n");
  await yaml(`prompts: {evaluation: ${file("trained.txt")}}`);
  expect(await codeOf()).toBe("FINETUNE_CONTAMINATED");
});

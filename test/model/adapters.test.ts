/** Adapters on the real model: what is written is what llama.cpp and PEFT apply, and an arm with an adapter is an arm like others. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import type { Engine } from "../../src/engine/engine.ts";
import { type Arm, steeredArm, unsteeredArm } from "../../src/experiment/arms.ts";
import { parseConfig } from "../../src/experiment/config.ts";
import { declareArms } from "../../src/experiment/declare-arms.ts";
import { startRun } from "../../src/experiment/run.ts";
import { openSession, type Session } from "../../src/experiment/session.ts";
import { type BaseModel, readBaseModel } from "../../src/finetune/adapter/base-model.ts";
import type { LoraAdapter } from "../../src/finetune/adapter/lora-adapter.ts";
import { mergeAdapter } from "../../src/finetune/adapter/merge-adapter.ts";
import { readPeft } from "../../src/finetune/adapter/read-peft.ts";
import { resolveAdapter } from "../../src/finetune/adapter/resolve-adapter.ts";
import { writeGgufLora } from "../../src/finetune/adapter/write-gguf.ts";
import { writePeft } from "../../src/finetune/adapter/write-peft.ts";
import { openRun } from "../../src/store/open-store.ts";
import { type LlmServer, startLlmServer } from "../support/llm-server.ts";
import { scriptedJudge } from "../support/scripted-judge.ts";
import { runCli } from "./support/cli.ts";
import { gather, openEngine, scoreOne } from "./support/engine.ts";
import { fixedAdapter, loraFile } from "./support/lora.ts";
import { maxDifference } from "./support/numbers.ts";
import { chat } from "./support/truth.ts";

/** Python with torch, transformers and peft. */
const PYTHON = process.env.COUNTERSTEER_PEFT_PYTHON;
const SCRIPT = fileURLToPath(new URL("../../bench/peers/peft_check.py", import.meta.url));

let folder: string;
let model: BaseModel;
let adapter: LoraAdapter;
let gguf: string;
let peft: string;
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "countersteer-adapters-"));
  model = await readBaseModel({ path: inject("modelPath") });
  adapter = fixedAdapter({ model, layers: [0, 7, 15, 29], scale: 0.3 });
  gguf = file("adapter.gguf");
  peft = file("peft");
  await writeGgufLora({ path: gguf, ...adapter, architecture: model.architecture });
  await writePeft({ dir: peft, ...adapter, baseModel: "HuggingFaceTB/SmolLM2-135M-Instruct", model });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("with exact weights", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine({ weights: "exact" });
  });
  afterAll(() => engine.close());

  const scoresOf = (path?: string) =>
    scoreOne(engine, { tokens: chat(0), from: 1, ...(path === undefined ? {} : { adapter: path }) });

  test("a model with the adapter merged in gives the scores of model and adapter, and others than the model alone", async () => {
    const weights = path.join(inject("cacheDir"), "weights");
    const base = path.join(weights, `${engine.info.fileHash.slice(0, 16)}.f32.gguf`);
    const out = file("merged.gguf");
    await mergeAdapter({ base, adapter, out, type: "f32", provenance: {} });
    const merged = await openEngine({ model: out, weights: "exact", cacheDir: file("cache") });
    try {
      const whole = await scoreOne(merged, { tokens: chat(0), from: 1 });
      const apart = await scoresOf(gguf);
      expect(maxDifference(apart, whole)).toBeLessThan(1e-2);
      expect(maxDifference(apart, await scoresOf())).toBeGreaterThan(0.5);
    } finally {
      await merged.close();
      await rm(out);
    }
  });

  test("a folder of PEFT and the GGUF file that it was made with give the same bits", async () => {
    const options = { model: model.path, cacheDir: file("cache") };
    const resolved = await resolveAdapter({ path: peft, ...options });
    expect(resolved.hash).toBe((await resolveAdapter({ path: gguf, ...options })).hash);
    expect(await scoresOf(resolved.path)).toEqual(await scoresOf(gguf));
  });

  test("as f16 the adapter gives nearly the same scores", async () => {
    const half = file("half.gguf");
    await writeGgufLora({ path: half, ...adapter, architecture: model.architecture, type: "f16" });
    const difference = maxDifference(await scoresOf(half), await scoresOf(gguf));
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(0.05);
  });

  test.skipIf(PYTHON === undefined)("PEFT gives the same scores, on our adapter and on its own", async () => {
    const made = file("made-by-peft");
    const sequences = [chat(0), chat(1)];
    const request = {
      gguf: model.path,
      adapter: peft,
      make: made,
      sequences: sequences.map((tokens) => [...tokens]),
    };
    const { stdout, stderr, status } = spawnSync(PYTHON ?? "", [SCRIPT], { input: JSON.stringify(request) });
    expect(status, String(stderr)).toBe(0);
    const scores = z.array(z.array(z.number()));
    const truth = z
      .object({ versions: z.record(z.string(), z.string()), base: scores, adapter: scores, made: scores })
      .parse(JSON.parse(String(stdout)));
    const own = await resolveAdapter({ path: made, model: model.path, cacheDir: file("cache") });
    const found = { base: 0, adapter: 0, made: 0, effect: 0, madeEffect: 0 };
    const paths = { base: undefined, adapter: gguf, made: own.path };
    for (const [i, tokens] of sequences.entries()) {
      const of = (name: keyof typeof paths) => Float32Array.from(truth[name][i] ?? []);
      for (const name of ["base", "adapter", "made"] as const) {
        const each = paths[name];
        const ours = await scoreOne(engine, {
          tokens,
          from: 1,
          ...(each === undefined ? {} : { adapter: each }),
        });
        found[name] = Math.max(found[name], maxDifference(ours, of(name)));
      }
      found.effect = Math.max(found.effect, maxDifference(of("adapter"), of("base")));
      found.madeEffect = Math.max(found.madeEffect, maxDifference(of("made"), of("base")));
    }
    // the order of rows is what a converter gets wrong most easily, so it must show here
    const unordered = await readPeft({ dir: made, model: { ...model, rotation: "halves" } });
    const wrong = file("wrong-order.gguf");
    await writeGgufLora({ path: wrong, ...unordered, architecture: model.architecture });
    const off = maxDifference(await scoresOf(wrong), Float32Array.from(truth.made[0] ?? []));
    console.log("with rows in the wrong order", off);
    expect(off).toBeGreaterThan(0.02);
    console.log("largest differences of log-probabilities", found, truth.versions);
    for (const name of ["base", "adapter", "made"] as const) expect(found[name], name).toBeLessThan(1e-3);
    expect(found.effect).toBeGreaterThan(0.5);
    expect(found.madeEffect).toBeGreaterThan(0.5);
  });
});

test("`steer --adapter` takes a folder of PEFT, says which adapter it was, and answers otherwise than without", async () => {
  const words = ["steer", "How do I boil an egg?", "--latent", "2316", "--strength", "10"];
  const common = [
    ...words,
    "--max-tokens",
    "8",
    "--temperature",
    "0",
    "--workers",
    "1",
    "--threads",
    "1",
    "--json",
  ];
  const answer = z.object({
    adapter: z.object({ hash: z.string() }).nullable(),
    unsteered: z.object({ text: z.string() }),
  });
  const run = async (args: string[]) => {
    const { code, stdout, stderr } = await runCli({ args: [...common, ...args] });
    expect(code, stderr).toBe(0);
    return answer.parse(JSON.parse(stdout));
  };
  const where = ["--cache-dir", file("cache"), "--model", model.path];
  const here = [...where, "--sae", "smollm2-135m-instruct.l15.8k", "--layer", "15"];
  const [plain, adapted] = [await run(here), await run([...here, "--adapter", peft])];
  const { hash } = await resolveAdapter({ path: gguf, model: model.path, cacheDir: file("cache") });
  expect(plain.adapter).toBeNull();
  expect(adapted.adapter?.hash).toBe(hash);
  expect(adapted.unsteered.text).not.toBe(plain.unsteered.text);
});

describe("in a run", () => {
  let server: LlmServer;
  let session: Session;
  let zero: string;
  const cacheDir = () => file("cache");

  beforeAll(async () => {
    server = await startLlmServer({ answer: scriptedJudge });
    zero = file("zero.gguf");
    const nothing = fixedAdapter({ model, layers: [3], scale: 0 });
    await writeGgufLora({ path: zero, ...nothing, architecture: model.architecture });
    await writeFile(file("prompts.txt"), "How do I boil an egg?\nHow do I tie a shoelace?\n");
    const threshold = {
      range: [40, 40.001],
      priorMean: 40,
      priorStd: 0.001,
      samples: 1,
      minQueries: 1,
      maxQueries: 1,
      verifySamples: 0,
      maxTokens: 8,
    };
    const config = parseConfig({
      source: "test",
      settings: {
        design: "esr",
        model: model.path,
        sae: "smollm2-135m-instruct.l15.8k",
        layer: 15,
        prompts: { evaluation: file("prompts.txt") },
        latents: { indices: [2316] },
        threshold,
        trialsPerLatent: 2,
        sampling: { maxTokens: 16, repetitionPenalty: 1.1 },
        judge: { kind: "llm", provider: "compatible", model: "scripted", baseUrl: server.url },
      },
    });
    session = await openSession({
      config,
      machine: { cacheDir: cacheDir(), workers: 1, threads: 1, slots: 4 },
    });
  });

  afterAll(async () => {
    await session.close();
    await server[Symbol.asyncDispose]();
  });

  function run(name: string, arms: Arm[]): Promise<void> {
    const context = { saeHash: session.dictionary.hash(), layer: session.layer };
    const declared = declareArms({ arms, context });
    return startRun({
      dir: file(name),
      preset: null,
      session: { ...session, arms: declared, analyses: [] },
      cacheDir: cacheDir(),
      llm: { keys: {} },
      onProgress: () => undefined,
    });
  }

  const named = async (path: string) => {
    const { hash } = await resolveAdapter({ path, model: model.path, cacheDir: cacheDir() });
    return { path, hash };
  };

  test("an adapter changes what an arm answers, steered and unsteered; one that adds zero changes nothing but the key", async () => {
    const [some, none] = [await named(gguf), await named(zero)];
    await run("arms", [
      steeredArm(),
      steeredArm({ name: "adapted", adapter: some }),
      steeredArm({ name: "adapted-zero", adapter: none }),
      unsteeredArm(),
      unsteeredArm({ name: "adapted-unsteered", adapter: some }),
    ]);
    using store = openRun({ dir: file("arms"), mode: "read" });
    const trials = (arm: string) => [...store.trials({ arm })].sort((a, b) => (a.unit < b.unit ? -1 : 1));
    const steered = trials("steered");
    expect(steered).toHaveLength(2);
    for (const arm of ["adapted", "adapted-zero", "unsteered", "adapted-unsteered"]) {
      expect(trials(arm).map(({ unit, error }) => [unit, error])).toEqual(
        steered.map(({ unit }) => [unit, null]),
      );
    }
    const texts = (arm: string) => trials(arm).map(({ text }) => text);
    expect(texts("adapted-zero")).toEqual(texts("steered"));
    for (const [i, { text, key, receipt }] of steered.entries()) {
      expect(texts("adapted")[i]).not.toBe(text);
      expect(texts("adapted-unsteered")[i]).not.toBe(texts("unsteered")[i]);
      expect(trials("adapted-zero")[i]?.key).not.toBe(key);
      expect(trials("adapted")[i]?.receipt?.rowsEdited).toBeGreaterThan(0);
      expect(trials("adapted-zero")[i]?.receipt).toEqual(receipt);
    }
  });

  test.each<[string, string, () => Promise<Arm["adapter"]>]>([
    ["missing", "MODEL_UNREADABLE", async () => ({ path: file("nowhere.gguf"), hash: "0" })],
    [
      "of another model",
      "ADAPTER_MISMATCH",
      async () => {
        await writeFile(file("foreign.gguf"), loraFile({ scale: 1, inputs: 64 }));
        return { path: file("foreign.gguf"), hash: "0" };
      },
    ],
    ["no adapter", "MODEL_UNREADABLE", async () => ({ path: model.path, hash: "0" })],
    [
      "another file than the arm names",
      "ADAPTER_MISMATCH",
      async () => ({ path: gguf, hash: (await named(zero)).hash }),
    ],
  ])("an adapter that is %s is refused before there is a run", async (name, code, make) => {
    const asked = server.seen.length;
    const dir = `refused-${name.replaceAll(" ", "-")}`;
    const starting = run(dir, [steeredArm(), steeredArm({ name: "adapted", adapter: await make() })]);
    await expect(starting).rejects.toMatchObject({ code });
    expect(existsSync(file(dir))).toBe(false);
    expect(server.seen.length).toBe(asked);
  });

  test("captures and scores beside each other keep their own adapter", async () => {
    const base = { tokens: chat(0), layer: 20, what: { kind: "rows" as const } };
    const found = await gather(
      session.engine.capture([
        { id: "plain", ...base },
        { id: "some", ...base, adapter: gguf },
        { id: "zero", ...base, adapter: zero },
      ]),
    );
    const plain = found.get("plain")?.values ?? new Float32Array(0);
    expect(found.get("zero")?.values).toEqual(plain);
    expect(maxDifference(found.get("some")?.values ?? new Float32Array(0), plain)).toBeGreaterThan(0.1);
  });
});

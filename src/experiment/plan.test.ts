import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { KNOWN_MODELS } from "../model/registry.ts";
import { parseConfig } from "./config.ts";
import { planText, planUnopened } from "./plan.ts";
import { findPreset, PRESET_NAMES } from "./presets.ts";

const configOf = (name: string) => parseConfig({ settings: findPreset(name) ?? {}, source: name });
const PAPER = KNOWN_MODELS.filter(({ paper }) => paper !== null);

test("the paper's five models have a preset with its quirks by name and one without", () => {
  expect(PAPER).toHaveLength(5);
  for (const { name, paper } of PAPER) {
    expect(PRESET_NAMES).toEqual(expect.arrayContaining([`paper-v1/${name}`, `corrected/${name}`]));
    const [theirs, ours] = [configOf(`paper-v1/${name}`), configOf(`corrected/${name}`)];
    expect(theirs).toMatchObject({
      model: name,
      layer: paper?.steeringLayer,
      allowLayerMismatch: name.startsWith("llama"),
      quirks: { doubledHeader: name.startsWith("llama"), sharedPrompts: true },
      sampling: { repetitionPenalty: paper?.repetitionPenalty, temperature: 0.6, maxTokens: 512 },
      threshold: { range: paper?.strengthRange, target: 30, maxQueries: 10 },
    });
    expect(ours).toMatchObject({
      model: name,
      layer: paper?.readingLayer,
      allowLayerMismatch: false,
      quirks: { doubledHeader: false, sharedPrompts: false },
      sampling: { repetitionPenalty: 1 },
    });
  }
});

test.each([
  "paper-v1/",
  "paper-v1/smollm2-135m",
  "corrected/gpt",
  "quick/x",
  "paper-v1/gemma-2-2b/x",
  "toString",
])("%s is no preset", (name) => expect(findPreset(name)).toBeNull());

test("the plan of a model that is not here names its files, how to get them, and what the judge costs", async () => {
  await using cache = await temporaryFolder();
  const plan = await planUnopened({ config: configOf("paper-v1/llama-3.3-70b"), cacheDir: cache.path });
  expect(plan).toMatchObject({
    arms: ["steered"],
    latents: 1000,
    trials: 5000,
    calibrationSamples: 1000 * (10 * 5 + 1),
    probe: null,
    seconds: null,
  });
  expect(plan.judge?.calls).toBe(plan.trials + plan.calibrationSamples);
  expect(plan.judge?.costUsd).toBeGreaterThan(0);
  expect(plan.files.filter(({ present }) => !present).map(({ what, get }) => [what, get])).toEqual([
    ["model", "countersteer pull llama-3.3-70b"],
    ["SAE", expect.stringMatching(/^countersteer pull hf:Goodfire/)],
    ["labels", expect.stringContaining("latents label")],
  ]);
  const text = planText(plan);
  for (const part of ["not opened", "countersteer pull llama-3.3-70b", "judge cost", "hours at"]) {
    expect(text).toContain(part);
  }
});

test("the arms of a design whose file is missing are in no number, and that is said", async () => {
  await using cache = await temporaryFolder();
  const file = path.join(cache.path, "detectors.json");
  const config = parseConfig({
    settings: { designs: ["esr", { name: "ablation", detectors: file }], latents: { count: 10 } },
    source: "test",
  });
  const plan = await planUnopened({ config, cacheDir: cache.path });
  expect(plan).toMatchObject({ arms: ["steered"], trials: 50, unknownDesigns: ["ablation"] });
  expect(plan.files).toContainEqual({
    what: "detectors",
    name: file,
    present: false,
    get: expect.stringContaining("latents detectors"),
  });
  expect(planText(plan)).toContain("without those of ablation");
});

test("the shipped SAE, its labels and the shipped prompts are found", async () => {
  await using cache = await temporaryFolder();
  const { files } = await planUnopened({ config: configOf("demo"), cacheDir: cache.path });
  expect(files.filter(({ present }) => present).map(({ what }) => what)).toEqual([
    "SAE",
    "labels",
    "prompts",
    "held-out prompts",
    "adapter",
  ]);
});

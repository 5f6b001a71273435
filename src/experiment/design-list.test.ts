import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { steeredPart } from "../../docs/examples/own-design.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { DETECTORS_SCHEMA } from "../latents/detectors/detector-file.ts";
import { parseConfig } from "./config.ts";
import { DESIGNS, type DesignChoice, declareDesigns } from "./design-list.ts";
import { META_PROMPTS } from "./designs/meta-prompt.ts";

const context = { saeHash: "sae-hash", layer: 15 };
const declare = (...choices: DesignChoice[]) => declareDesigns({ choices, context });
const namesOf = async (...choices: DesignChoice[]) =>
  (await declare(...choices)).arms.map(({ name }) => name);
const choicesOf = (settings: unknown) => parseConfig({ settings, source: "test" }).designs;

describe("a configuration", () => {
  test("names designs, one or several, with or without settings, and gets every setting", () => {
    expect(choicesOf({})).toEqual(["esr"]);
    expect(choicesOf({ designs: ["baseline", "esr"] })).toEqual(["baseline", "esr"]);
    expect(choicesOf({ design: { name: "prefill" } })).toEqual([{ name: "prefill", tokens: 48 }]);
    expect(choicesOf({ designs: ["esr", { name: "dose", levels: [1, 2] }] })).toEqual([
      "esr",
      { name: "dose", scale: "threshold", levels: [1, 2], divergence: false },
    ]);
  });

  test("that was stored is read again as it was", () => {
    const settings = parseConfig({ settings: { designs: ["dose", "meta-prompt", "esr"] }, source: "test" });
    expect(parseConfig({ settings, source: "stored" })).toEqual(settings);
  });

  test.each<[string, unknown, RegExp]>([
    ["an unknown design", { designs: ["esrr"] }, /no design "esrr"/],
    ["an unknown setting", { design: { name: "dose", levelss: [1] } }, /levelss/],
    ["a setting of a design that has none", { design: { name: "esr", levels: [1] } }, /levels/],
    ["a level twice", { design: { name: "dose", levels: [1, 1] } }, /twice/],
    ["a level of nothing", { design: { name: "dose", levels: [0] } }, /above 0/],
    ["both fields", { design: "esr", designs: ["esr"] }, /not both/],
    ["a design twice", { designs: ["esr", "esr"] }, /named twice/],
    ["no design", { designs: [] }, /designs/],
    ["an ablation of nothing", { design: "ablation" }, /detectors/],
  ])("is refused with %s", (_, settings, message) => {
    expect(() => choicesOf(settings)).toThrow(message);
  });
});

describe("designs", () => {
  test("share the arms that they have in common", async () => {
    expect(await namesOf("baseline", "esr", "dose", "vector")).toEqual([
      "unsteered",
      "steered",
      "dose-0.5",
      "dose-0.75",
      "dose-1.25",
      "dose-1.5",
      "contrast-vector",
    ]);
  });

  test("compare only arms that the run has", async () => {
    expect((await declare("baseline")).analyses[0]?.comparisons).toEqual([]);
    expect((await declare("baseline", "esr")).analyses[0]?.comparisons).toHaveLength(1);
    for (const { comparisons } of (await declare("dose", "meta-prompt", "prefill", "vector")).analyses) {
      expect(comparisons.length).toBeGreaterThan(0);
      for (const { reference, treatment } of comparisons) expect(reference).not.toBe(treatment);
    }
  });

  test("declare all arms that their comparisons and curves name", async () => {
    for (const choice of [
      "dose",
      { name: "meta-prompt", unsteered: true },
      "prefill",
      { name: "vector", unsteered: true },
    ]) {
      const { name, ...settings } = typeof choice === "string" ? { name: choice } : choice;
      const declared = await DESIGNS.find((design) => design.name === name)?.declare(settings);
      const arms = declared?.arms.map((arm) => arm.name);
      const named = declared?.comparisons.flatMap(({ reference, treatment }) => [reference, treatment]) ?? [];
      for (const arm of [
        ...named,
        ...(declared?.curves.flatMap(({ points }) => points.map((point) => point.arm)) ?? []),
      ]) {
        expect(arms).toContain(arm);
      }
    }
  });

  test("without trials point to what does their work", async () => {
    await expect(declare("judges")).rejects.toThrow(/judge rejudge.*judge agreement/);
  });

  test("of the shared grid have ten levels from three deviations below to three above the mean", async () => {
    const [{ curves } = { curves: [] }] = (await declare({ name: "dose", scale: "shared" })).analyses;
    const xs = curves[0]?.points.map(({ x }) => x) ?? [];
    expect(xs).toHaveLength(10);
    expect([xs.at(0), xs.at(-1)]).toEqual([-3, 3]);
  });

  test("of a divergence have a level a budget, and compare with the least of them", async () => {
    const { arms, analyses } = await declare({ name: "dose", scale: "kl", levels: [2, 0.5] });
    expect(arms.map(({ name, steering }) => [name, steering?.level])).toEqual([
      ["kl-2", { kind: "kl", nats: 2 }],
      ["kl-0.5", { kind: "kl", nats: 0.5 }],
    ]);
    expect(analyses[0]?.comparisons).toEqual([
      { reference: "kl-0.5", treatment: "kl-2", outcome: "multi-attempt" },
    ]);
    await expect(declare({ name: "dose", scale: "kl", levels: [0, 1] })).rejects.toThrow(/above 0/);
  });

  test("that also measure the divergence have the same trials as those that do not", async () => {
    const plain = await declare("dose");
    const measured = await declare({ name: "dose", divergence: true });
    expect(measured.arms.map(({ content }) => content)).toEqual(plain.arms.map(({ content }) => content));
    expect(measured.arms.map(({ steering }) => steering?.divergence)).toEqual(plain.arms.map(() => true));
  });
});

test("meta-prompts are as long as the neutral one, give or take a sixth", () => {
  const words = (text: string) => text.split(" ").length;
  const neutral = words(META_PROMPTS.neutral);
  for (const [name, text] of Object.entries(META_PROMPTS)) {
    expect(Math.abs(words(text) - neutral), name).toBeLessThanOrEqual(neutral / 6);
  }
});

test("an ablation clamps all detectors, the first of them, and each control set in their place", async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, "detectors.json");
  const detectors = [3, 1, 2].map((latent) => ({
    latent,
    label: null,
    sign: 1,
    weight: null,
    published: {},
  }));
  const origin = {
    schema: DETECTORS_SCHEMA,
    origin: "reference",
    model: "m",
    method: "m",
    source: "s",
    note: "",
  };
  await writeFile(file, JSON.stringify({ ...origin, detectors }));
  const { arms, analyses } = await declare({
    name: "ablation",
    detectors: file,
    first: [2, 9],
    shares: [0.5],
  });
  expect(arms.map(({ name, ablation }) => [name, ablation])).toEqual([
    ["steered", null],
    ["ablated", { latents: [3, 1, 2], value: 0, share: 1 }],
    ["ablated-first-2", { latents: [3, 1], value: 0, share: 1 }],
    ["ablated-share-0.5", { latents: [3, 1, 2], value: 0, share: 0.5 }],
  ]);
  expect(analyses[0]?.curves[0]?.points).toEqual([
    { x: 0, arm: "steered" },
    { x: 2, arm: "ablated-first-2" },
    { x: 3, arm: "ablated" },
  ]);
});

test("the worked example declares what its text says", async () => {
  const { arms, comparisons } = await steeredPart.declare({ phrases: ["Finally"] });
  expect(arms.map(({ name, positions }) => [name, positions])).toEqual([
    ["unsteered", { kind: "all" }],
    ["steered", { kind: "all" }],
    ["prompt-only", { kind: "prompt" }],
    ["answer-only", { kind: "generated" }],
    ["until-phrase", { kind: "until-phrase", phrases: ["Finally"] }],
  ]);
  expect(comparisons).toHaveLength(6);
  await expect(steeredPart.declare({ phrase: "Finally" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

/** The designs that record latents: what they declare, and what they refuse. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { BACKTRACKING_SCHEMA } from "../latents/backtracking/backtracking-file.ts";
import { DETECTORS_SCHEMA } from "../latents/detectors/detector-file.ts";
import { analysisSchema } from "../store/analysis.ts";
import { parseConfig } from "./config.ts";
import { type DesignChoice, declareDesigns } from "./design-list.ts";
import { META_PROMPTS } from "./designs/meta-prompt.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => path.join(folder.path, name);
const declare = (...choices: DesignChoice[]) =>
  declareDesigns({ choices, context: { saeHash: "sae-hash", layer: 15 } });

beforeAll(async () => {
  folder = await temporaryFolder();
  const detector = (latent: number, sign: 1 | -1) => ({
    latent,
    label: null,
    sign,
    weight: null,
    published: {},
  });
  const origin = { origin: "reference", model: "m", method: "m", source: "s", note: "" };
  await writeFile(
    at("detectors.json"),
    JSON.stringify({
      schema: DETECTORS_SCHEMA,
      ...origin,
      detectors: [detector(3, 1), detector(8, -1), detector(1, 1)],
    }),
  );
  const backtracking = (latents: number[]) =>
    JSON.stringify({
      schema: BACKTRACKING_SCHEMA,
      by: "label",
      settings: { minScore: 2, top: null },
      provenance: { version: "1", sae: { path: "/sae", hash: "h", latents: 10 } },
      latents: latents.map((latent) => ({ latent, label: "sorry", score: 2, found: ["sorry"] })),
    });
  await writeFile(at("backtracking.json"), backtracking([1, 5]));
  await writeFile(at("none.json"), backtracking([]));
  await mkdir(at("sae"));
  const label = (index: number, text: string) =>
    JSON.stringify({
      index,
      label: text,
      frequency: 0.1,
      max_activation: 1,
      mean_activation: 1,
      top_tokens: [],
      top_topics: [],
    });
  await writeFile(at("sae/labels.jsonl"), [label(0, "bread"), label(1, "sorry")].join("\n"));
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("a design that records", () => {
  test("reads the latents of all groups once, and the unit's own", async () => {
    const { arms, analyses } = await declare({
      name: "activations",
      detectors: at("detectors.json"),
      backtracking: at("backtracking.json"),
      metaPrompt: "monitor",
    });
    expect(arms.map(({ name }) => name)).toEqual(["steered-recorded", "unsteered-recorded"]);
    for (const { recording, metaPrompt } of arms) {
      // one that fires on topic is no off-topic detector
      expect(recording).toEqual({ name: "activations", latents: [3, 1, 5], withSteered: true });
      expect(metaPrompt?.text).toBe(META_PROMPTS.monitor);
    }
    const [declared] = analyses[0]?.activations ?? [];
    expect(declared?.groups.map(({ name, latents }) => [name, latents])).toEqual([
      ["detectors", [3, 1]],
      ["backtracking", [1, 5]],
    ]);
    expect(declared?.window).toEqual([-150, 150]);
  });

  test("takes backtracking latents by their labels where it is told to", async () => {
    const { analyses } = await declare({ name: "timeline", labels: at("sae") });
    expect(analyses[0]?.activations?.[0]?.groups.map(({ latents }) => latents)).toEqual([[1]]);
  });

  test("can be named with the others, whose arms stay as they are", async () => {
    const watched = { detectors: at("detectors.json") };
    const { arms } = await declare(
      "esr",
      "prefill",
      { name: "timeline", ...watched },
      { name: "activations", ...watched },
    );
    const alone = await declare("esr", "prefill");
    expect(arms.slice(0, alone.arms.length)).toEqual(alone.arms);
    const forced = arms.find(({ name }) => name === "forced-restart")?.prefill;
    const plain = arms.find(({ name }) => name === "no-restart")?.prefill;
    expect(forced).toEqual({
      ...plain,
      followedBy: "\n\nWait, that's not what you asked. Let me start again.",
    });
  });

  test("keeps its analysis as an event that is read again, and other designs' events are as they were", async () => {
    const { analyses } = await declare("dose", { name: "timeline", detectors: at("detectors.json") });
    for (const analysis of analyses) {
      expect(analysisSchema.parse(JSON.parse(JSON.stringify(analysis)))).toEqual(analysis);
    }
    expect(Object.keys(analyses[0] ?? {})).not.toContain("activations");
  });

  test.each<[string, object]>([
    ["nothing to record", { name: "activations" }],
    ["backtracking latents twice", { name: "timeline", backtracking: "a.json", labels: "b" }],
    ["a window without a token", { name: "timeline", labels: "b", window: [3, 3] }],
    ["no restart", { name: "timeline", labels: "b", restart: "" }],
  ])("is refused with %s", (_, design) => {
    expect(() => parseConfig({ settings: { design }, source: "test" })).toThrow(/not valid/);
  });

  test("is refused where a source gives no latent", async () => {
    await expect(declare({ name: "timeline", backtracking: at("none.json") })).rejects.toThrow(/no latent/);
    await expect(declare({ name: "timeline", labels: at("nowhere") })).rejects.toThrow(/no labels/);
  });
});

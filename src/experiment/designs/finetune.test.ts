import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { datasetMeta } from "../../../test/support/dataset-meta.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { writeMeta } from "../../finetune/data/meta.ts";
import { declareDesigns } from "../design-list.ts";
import { finetune } from "./finetune.ts";

let folder: TemporaryFolder;
const file = (name: string) => join(folder.path, name);
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(file("a.gguf"), "one");
  await writeFile(file("b.gguf"), "another");
  await mkdir(file("peft"));
  await writeFile(file("peft/adapter_model.safetensors"), "a third");
  await writeMeta({ file: file("data.jsonl"), meta: datasetMeta({ training: [3, 4], evaluation: [7] }) });
});
afterAll(() => folder[Symbol.asyncDispose]());

const two = () => [
  { name: "few", path: file("a.gguf"), ratio: 25 },
  { name: "many", path: file("b.gguf"), ratio: 75 },
];
const declare = (settings: Record<string, unknown>) => finetune.declare(settings);
const context = { saeHash: "sae-hash", layer: 15 };
const contentsOf = async (...choices: Parameters<typeof declareDesigns>[0]["choices"][number][]) => {
  const { arms } = await declareDesigns({ choices, context });
  return new Map(arms.map(({ name, content }) => [name, content]));
};

test("each adapter has an arm beside each of the base model's: steered, unsteered, and where steering helps", async () => {
  const { arms } = await declare({ adapters: two() });
  expect(
    arms.map(({ name, steering, adapter, metaPrompt }) => [
      name,
      steering !== null,
      adapter?.path ?? null,
      metaPrompt?.text ?? null,
    ]),
  ).toEqual([
    ["steered", true, null, null],
    ["few", true, file("a.gguf"), null],
    ["many", true, file("b.gguf"), null],
    ["unsteered", false, null, null],
    ["few-unsteered", false, file("a.gguf"), null],
    ["many-unsteered", false, file("b.gguf"), null],
    ["helpful", true, null, "Tell me about {label}."],
    ["few-helpful", true, file("a.gguf"), "Tell me about {label}."],
    ["many-helpful", true, file("b.gguf"), "Tell me about {label}."],
  ]);
});

test("an adapter's arm is what the base model's is, and the adapter's hash", async () => {
  const found = await contentsOf({ name: "finetune", adapters: two() });
  const known = await contentsOf("esr", "baseline");
  expect(found.get("steered")).toEqual(known.get("steered"));
  expect(found.get("unsteered")).toEqual(known.get("unsteered"));
  for (const [base, suffix] of [
    ["steered", ""],
    ["unsteered", "-unsteered"],
    ["helpful", "-helpful"],
  ] as const) {
    const { adapter, ...rest } = found.get(`few${suffix}`) ?? {};
    expect(rest).toEqual(found.get(base));
    expect(adapter).toMatch(/^[0-9a-f]{64}$/);
    expect(adapter).not.toBe(found.get(`many${suffix}`)?.adapter);
  }
});

test("every comparison is of an adapter's arm with the base model's of the same kind", async () => {
  const { comparisons } = await declare({ adapters: two() });
  const of = (reference: string) =>
    comparisons
      .filter((each) => each.reference === reference)
      .map(({ treatment, outcome }) => `${treatment} ${outcome}`);
  const pairs = (outcomes: string[], suffix = "") =>
    outcomes.flatMap((outcome) => [`few${suffix} ${outcome}`, `many${suffix} ${outcome}`]);
  expect(of("steered")).toEqual(pairs(["multi-attempt", "esr", "first-score"]));
  expect(of("unsteered")).toEqual(pairs(["multi-attempt", "first-score"], "-unsteered"));
  expect(of("helpful")).toEqual(pairs(["multi-attempt", "first-score"], "-helpful"));
  expect(comparisons).toHaveLength(14);
});

test("the curves are over the mixtures that have one, each kind of arm its own", async () => {
  const plain = { name: "unmixed", path: file("peft") };
  const { curves, arms } = await declare({ adapters: [...two(), plain], helpful: false });
  expect(arms.map(({ name }) => name)).not.toContain("helpful");
  expect(curves).toEqual([
    {
      axis: "% self-corrections",
      points: [
        { x: 25, arm: "few" },
        { x: 75, arm: "many" },
      ],
    },
    {
      axis: "% self-corrections, unsteered",
      points: [
        { x: 25, arm: "few-unsteered" },
        { x: 75, arm: "many-unsteered" },
      ],
    },
  ]);
  expect((await declare({ adapters: two().slice(0, 1) })).curves).toEqual([]);
});

test("what the adapters were trained on is read from beside the data", async () => {
  for (const data of [file("data.jsonl"), file("data.meta.json")]) {
    const { trainedOn } = await declare({ adapters: two(), data });
    expect(trainedOn).toEqual([
      expect.objectContaining({
        latents: [3, 4],
        heldOut: [7],
        prompts: ["How do I paint a fence?", "How do I wash a car?"],
      }),
    ]);
    expect(finetune.files({ adapters: two(), data })).toContainEqual({
      what: "training data",
      path: file("data.meta.json"),
    });
  }
  expect((await declare({ adapters: two() })).trainedOn).toEqual([]);
});

describe("settings are refused", () => {
  test.each<[string, () => Record<string, unknown>]>([
    ["without an adapter", () => ({ adapters: [] })],
    ["with a name twice", () => ({ adapters: [...two(), ...two().slice(0, 1)] })],
    ["with a name that is no word", () => ({ adapters: [{ name: "a b", path: file("a.gguf") }] })],
    [
      "with a mixture of more than all",
      () => ({ adapters: [{ name: "a", path: file("a.gguf"), ratio: 101 }] }),
    ],
    ["with a question that names no label", () => ({ adapters: two(), question: "What is love?" })],
  ])("%s", async (_, given) => {
    await expect(declare(given())).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("where two names stand for one adapter, or an adapter takes the base model's name", async () => {
    const path = file("a.gguf");
    const same = {
      name: "finetune",
      adapters: [
        { name: "a", path },
        { name: "b", path },
      ],
    };
    await expect(contentsOf(same)).rejects.toThrow(/"a" and "b" do the same/);
    const taken = { name: "finetune", adapters: [{ name: "steered", path }] };
    await expect(contentsOf(taken)).rejects.toThrow(/Two different arms are called "steered"/);
  });

  test("where an adapter or the data are not there", async () => {
    const missing = { adapters: [{ name: "a", path: file("none.gguf") }] };
    await expect(declare(missing)).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    await expect(declare({ adapters: two(), data: file("none.jsonl") })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

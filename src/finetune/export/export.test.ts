import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { FinetuneRecord } from "../data/record.ts";
import { chatFrame } from "./chat-frame.ts";
import { hyperParametersSchema } from "./hyper-parameters.ts";
import { templateRow } from "./template-rows.ts";
import { type WriteExportOptions, writeExport } from "./write-export.ts";

const LLAMA =
  "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}<|eot_id|>{% endfor %}" +
  "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}";
const frame = chatFrame({ template: LLAMA, bosText: "<|begin_of_text|>", eosText: "<|eot_id|>" });

function record(parts: Partial<FinetuneRecord> = {}): FinetuneRecord {
  return {
    id: "c1",
    kind: "self-correction",
    prompt: "How do I boil an egg?",
    segments: [
      { text: "Dragons lay eggs.", trained: false },
      { text: " Wait, that's off topic.", trained: true },
      { text: " Boil it.", trained: true },
    ],
    split: "train",
    ...parts,
  };
}

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

async function written(parts: Partial<WriteExportOptions> & { name: string }) {
  const { name, ...options } = parts;
  const dir = path.join(folder.path, name);
  const result = await writeExport({
    trainer: "axolotl",
    dir,
    records: [record()],
    frame,
    settings: hyperParametersSchema.parse({}),
    baseModel: "meta-llama/Llama-3.1-8B-Instruct",
    model: "llama-3.1-8b",
    ...options,
  });
  return { ...result, text: (file: string) => readFile(path.join(dir, file), "utf8") };
}

test("the question and the off-topic start are masked, with one BOS, and the end of the turn is trained", () => {
  expect(templateRow({ record: record(), frame }).segments).toEqual([
    {
      label: false,
      text:
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHow do I boil an egg?<|eot_id|>" +
        "<|start_header_id|>assistant<|end_header_id|>\n\nDragons lay eggs.",
    },
    { label: true, text: " Wait, that's off topic. Boil it.<|eot_id|>" },
  ]);
});

test("a whole answer is trained, and an end that is masked still has its end of turn trained", () => {
  const labels = (segments: FinetuneRecord["segments"]) =>
    templateRow({ record: record({ segments }), frame }).segments.map(({ label, text }) => [
      label,
      text.slice(-10),
    ]);
  expect(labels([{ text: "Boil it.", trained: true }])[1]).toEqual([true, "<|eot_id|>"]);
  const parts = [
    { text: "Boil it.", trained: true },
    { text: " Or not.", trained: false },
  ];
  expect(labels(parts).map(([label]) => label)).toEqual([false, true, false, true]);
});

test.each([
  ["<end_of_turn>", "{% for m in messages %}{{ m.content }}<end_of_turn>\n{% endfor %}", "<eos>"],
  ["<|im_end|>", "{% for m in messages %}{{ m.content }}<|im_end|>\n{% endfor %}", ""],
  ["</s>", "{% for m in messages %}{{ m.content }}{% endfor %}", "</s>"],
])("%s ends a turn", (end, template, eosText) => {
  expect(chatFrame({ template, bosText: "", eosText }).end).toBe(end);
});

test("a template that ends no turn is refused", () => {
  const template = "{% for m in messages %}{{ m.content }}{% endfor %}";
  expect(() => chatFrame({ template, bosText: "", eosText: "" })).toThrow(
    expect.objectContaining({ code: "TEMPLATE_INVALID" }),
  );
});

describe("axolotl", () => {
  test("the configuration is the paper's", async () => {
    const { text, files } = await written({ name: "paper" });
    expect(files).toEqual(["train.jsonl", "config.yaml", "README.md"]);
    expect(parse(await text("config.yaml"))).toMatchObject({
      base_model: "meta-llama/Llama-3.1-8B-Instruct",
      datasets: [{ path: "train.jsonl", ds_type: "json", type: "input_output" }],
      val_set_size: 0.05,
      adapter: "lora",
      lora_r: 32,
      lora_alpha: 16,
      lora_dropout: 0.05,
      lora_target_linear: true,
      sequence_len: 4096,
      sample_packing: false,
      micro_batch_size: 2,
      gradient_accumulation_steps: 4,
      num_epochs: 4,
      optimizer: "adamw_bnb_8bit",
      lr_scheduler: "cosine",
      learning_rate: 0.0002,
      warmup_steps: 10,
      weight_decay: 0,
      bf16: true,
      tf32: false,
      flash_attention: true,
      gradient_checkpointing: false,
      evals_per_epoch: 4,
      saves_per_epoch: 1,
      logging_steps: 10,
      special_tokens: { pad_token: "<|end_of_text|>" },
    });
  });

  test("a validation split of the data is used as it is, and settings go over the paper's", async () => {
    const records = [record(), record({ id: "c2", split: "validation", prompt: "How do I tie a knot?" })];
    const settings = hyperParametersSchema.parse({ rank: 8, epochs: 1, learningRate: 1e-5 });
    const { text, train, validation } = await written({
      name: "split",
      records,
      settings,
      padToken: "<pad>",
    });
    expect([train, validation]).toEqual([1, 1]);
    expect(parse(await text("config.yaml"))).toMatchObject({
      lora_r: 8,
      num_epochs: 1,
      learning_rate: 0.00001,
      val_set_size: 0,
      test_datasets: [{ path: "validation.jsonl", type: "input_output", split: "train" }],
      special_tokens: { pad_token: "<pad>" },
    });
    expect(await text("validation.jsonl")).toContain("tie a knot");
    expect(await text("train.jsonl")).not.toContain("tie a knot");
  });

  test("every line of the data is a row of segments", async () => {
    const { text } = await written({ name: "lines", records: [record(), record({ id: "c2" })] });
    const rows = (await text("train.jsonl")).trimEnd().split("\n");
    expect(rows.map((row) => JSON.parse(row))).toEqual(
      Array(2).fill(templateRow({ record: record(), frame })),
    );
  });
});

test("TRL has a script, its settings by transformers' names, and the same data", async () => {
  const { text, files } = await written({ name: "trl", trainer: "trl" });
  expect(files).toEqual(["train.jsonl", "config.json", "README.md", "train.py"]);
  expect(JSON.parse(await text("config.json"))).toMatchObject({
    model: "meta-llama/Llama-3.1-8B-Instruct",
    pad_token: "<|end_of_text|>",
    lora: { r: 32, lora_alpha: 16, lora_dropout: 0.05 },
    trainer: {
      per_device_train_batch_size: 2,
      gradient_accumulation_steps: 4,
      num_train_epochs: 4,
      learning_rate: 0.0002,
      warmup_steps: 10,
      lr_scheduler_type: "cosine",
      max_length: 4096,
    },
  });
  expect(await text("train.py")).toContain('"labels"');
  expect(JSON.parse((await text("train.jsonl")).trimEnd())).toEqual(templateRow({ record: record(), frame }));
});

test.each(["axolotl", "trl"] as const)(
  "the README of %s has the command, and the way back",
  async (trainer) => {
    const { text } = await written({ name: `readme-${trainer}`, trainer });
    const words = await text("README.md");
    expect(words).toContain(trainer === "axolotl" ? "axolotl train config.yaml" : "python train.py");
    expect(words).toContain("countersteer finetune convert adapter/ adapter.gguf --model llama-3.1-8b");
    expect(words).toContain("Rank 32, alpha 16");
  },
);

test("data with nothing to train on is refused", async () => {
  const records = [record({ split: "validation" })];
  await expect(written({ name: "nothing", records })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

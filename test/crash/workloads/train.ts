/** `finetune train` and `sae train`: the same command, or `--resume`, goes on from the last checkpoint. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { correction, normalRecord } from "../../support/finetune-records.ts";
import { fileContents, logContents } from "../contents.ts";
import type { WorkloadMaker } from "../workload.ts";

const ADAPTER = ["adapter_model.safetensors", "adapter_config.json", "adapter.gguf"];
const DICTIONARY = ["sae_weights.safetensors", "cfg.json"];

export const finetuneWorkload: WorkloadMaker = async ({ folder, model }) => {
  const recipe = path.join(folder, "finetune.yaml");
  const data = path.join(folder, "data.jsonl");
  const records = Array.from({ length: 12 }, (_, i) => {
    const split = i < 10 ? "train" : "validation";
    return i % 2 === 0 ? correction({ id: `c${i}`, split }) : normalRecord({ id: `n${i}`, split });
  });
  await writeFile(data, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  await writeFile(
    recipe,
    [
      `model: ${model}`,
      `data: ${data}`,
      "lora: {rank: 2, dropout: 0.1}",
      "train: {steps: 120, epochs: 100, batch: 4, maxRows: 512, warmUpSteps: 2, checkpointEvery: 10}",
      "validation: {every: 30, examples: 2, patience: null}",
    ].join("\n"),
  );
  const dirOf = (home: string) => path.join(home, "adapter");
  return {
    engines: true,
    atOnce: false,
    prepare: async () => {},
    args: async (home) => [
      ...["finetune", "train", "--out", dirOf(home), "--recipe", recipe, "--threads", "1"],
      ...["--cache-dir", path.join(home, "cache"), "--json"],
    ],
    result: async (home) =>
      new Map([
        ...(await fileContents(dirOf(home), ADAPTER)),
        ...(await logContents(path.join(dirOf(home), "train-log.jsonl"))),
      ]),
  };
};

export const dictionaryWorkload: WorkloadMaker = async ({ folder, model }) => {
  const recipe = path.join(folder, "sae.yaml");
  const docs = path.join(folder, "corpus.jsonl");
  const documents = Array.from({ length: 24 }, (_, i) => ({
    kind: "chat",
    topic: `topic ${i % 8}`,
    prompt: `What is number ${i}?`,
    response: `Number ${i} stands between ${i - 1} and ${i + 1}. `.repeat(2),
  }));
  await writeFile(docs, documents.map((document) => `${JSON.stringify(document)}\n`).join(""));
  await writeFile(
    recipe,
    [
      `model: ${model}`,
      "layer: 0",
      "context: 128",
      "blockRows: 400",
      "checkpointEvery: 128",
      "heldOut: {share: 0.2, rows: 200, every: 1024}",
      "train: {latents: 64, k: 4, batchRows: 64, totalRows: 6144, warmUpSteps: 4}",
    ].join("\n"),
  );
  const dirOf = (home: string) => path.join(home, "dictionary");
  return {
    engines: true,
    atOnce: false,
    prepare: async () => {},
    args: async (home) => {
      const begun = existsSync(path.join(dirOf(home), "recipe.yaml"));
      const what = begun ? ["--resume"] : ["--config", recipe, "--docs", docs];
      const machine = ["--workers", "1", "--threads", "1", "--cache-dir", path.join(home, "cache"), "--json"];
      return ["sae", "train", "--out", dirOf(home), ...what, ...machine];
    },
    result: async (home) =>
      new Map([
        ...(await fileContents(dirOf(home), DICTIONARY)),
        ...(await logContents(path.join(dirOf(home), "log.jsonl"))),
      ]),
  };
};

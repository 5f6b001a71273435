/** Writes everything that a training on a GPU machine needs into one folder. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CountersteerError } from "../../errors.ts";
import { assetPath } from "../../sae/asset-path.ts";
import type { FinetuneRecord } from "../data/record.ts";
import { axolotlConfig } from "./axolotl-config.ts";
import type { ChatFrame } from "./chat-frame.ts";
import type { HyperParameters } from "./hyper-parameters.ts";
import { readme, type TrainerName } from "./readme.ts";
import { templateRow } from "./template-rows.ts";
import { trlConfig } from "./trl-config.ts";

const OUTPUT_DIR = "adapter";
const FILES = { train: "train.jsonl", validation: "validation.jsonl" };
/** Llama 3 has no padding token; the paper takes this one, which ends no turn. */
const LLAMA_3 = { end: "<|eot_id|>", pad: "<|end_of_text|>" };

export interface WriteExportOptions {
  trainer: TrainerName;
  dir: string;
  records: readonly FinetuneRecord[];
  frame: ChatFrame;
  settings: HyperParameters;
  baseModel: string;
  /** What `--model` is given on the way back. */
  model: string;
  /** @default the paper's for Llama 3, else the tokenizer's own */
  padToken?: string | undefined;
}

export interface WrittenExport {
  files: string[];
  train: number;
  validation: number;
  padToken: string | null;
}

/** Throws CONFIG_INVALID where no record is to be trained on. */
export async function writeExport(options: WriteExportOptions): Promise<WrittenExport> {
  const { trainer, dir, records, frame, settings, baseModel, model } = options;
  const train = records.filter(({ split }) => split === "train");
  const validation = records.filter(({ split }) => split === "validation");
  if (train.length === 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "No example is to be trained on.",
      why: 'All of them have "split": "validation".',
      todo: "Give a file of `countersteer finetune data`.",
    });
  }
  const padToken = options.padToken ?? (frame.end === LLAMA_3.end ? LLAMA_3.pad : null);
  const files = { train: FILES.train, validation: validation.length === 0 ? null : FILES.validation };
  const config = { baseModel, settings, files, outputDir: OUTPUT_DIR, padToken };
  const selfCorrections = train.filter(({ kind }) => kind === "self-correction").length;
  const counts = { train: train.length, validation: validation.length, selfCorrections };
  const written: Record<string, string> = {
    [FILES.train]: lines({ records: train, frame }),
    ...(validation.length === 0 ? {} : { [FILES.validation]: lines({ records: validation, frame }) }),
    ...(trainer === "axolotl"
      ? { "config.yaml": axolotlConfig(config) }
      : { "config.json": trlConfig(config) }),
    "README.md": readme({ trainer, baseModel, settings, counts, outputDir: OUTPUT_DIR, model }),
  };
  await mkdir(dir, { recursive: true });
  for (const [name, text] of Object.entries(written)) await writeFile(join(dir, name), text);
  const scripts = trainer === "trl" ? ["train.py"] : [];
  for (const name of scripts) await copyFile(assetPath(`finetune/${name}`), join(dir, name));
  return {
    files: [...Object.keys(written), ...scripts],
    train: train.length,
    validation: validation.length,
    padToken,
  };
}

function lines({ records, frame }: { records: readonly FinetuneRecord[]; frame: ChatFrame }): string {
  return records.map((record) => `${JSON.stringify(templateRow({ record, frame }))}\n`).join("");
}

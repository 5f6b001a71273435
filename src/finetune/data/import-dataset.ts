/** From training files of the reference to a data set with its meta file. */
import { acknowledgementIds, checkedContamination, countRecords } from "./dataset-facts.ts";
import { recordsOfReference } from "./formats/from-reference.ts";
import { type DatasetMeta, writeMeta } from "./meta.ts";
import type { FinetuneRecord } from "./record.ts";
import { splitPrompts } from "./split-prompts.ts";
import type { Tally } from "./tally.ts";
import { writeLines } from "./write-records.ts";

export interface ImportDatasetOptions {
  file: string;
  sources: readonly { file: string; text: string }[];
  evaluationPrompts: readonly string[];
  /** Share of the prompts. */
  validation: number;
  seed: number;
  allowContamination: boolean;
}

/** Throws CONFIG_INVALID for a file of another form, FINETUNE_CONTAMINATED unless that is allowed. */
export async function importDataset(options: ImportDatasetOptions): Promise<DatasetMeta> {
  const { file, sources, evaluationPrompts, validation, seed, allowContamination } = options;
  const imported = sources.map((source) => ({ ...recordsOfReference(source), source: source.file }));
  const all = imported.flatMap(({ records }) => records);
  const prompts = [...new Set(all.map(({ prompt }) => prompt))];
  const splits = splitPrompts({ prompts, validation, seed });
  const records = all.map(
    (record, i): FinetuneRecord => ({
      ...record,
      id: `r${String(i + 1).padStart(4, "0")}`,
      split: splits.get(record.prompt) ?? "train",
    }),
  );
  const of = (split: FinetuneRecord["split"]) => prompts.filter((prompt) => splits.get(prompt) === split);
  const meta: DatasetMeta = {
    version: 1,
    source: "import",
    seed,
    model: null,
    writer: null,
    sae: null,
    prompts: { train: of("train"), validation: of("validation") },
    latents: { training: [], evaluation: [], near: 0 },
    doses: [],
    meanNorm: null,
    acknowledgements: acknowledgementIds(),
    counts: countRecords(records),
    tallies: Object.fromEntries(imported.map(({ source, tally }): [string, Tally] => [source, tally])),
    contamination: checkedContamination({
      records,
      evaluationPrompts,
      evaluationLatents: [],
      allowed: allowContamination,
    }),
    costUsd: null,
  };
  await writeLines({ file, lines: records });
  await writeMeta({ file, meta });
  return meta;
}

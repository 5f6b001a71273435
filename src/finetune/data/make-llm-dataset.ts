/** From prompts and subjects to a data set that a language model wrote, with its meta file. */
import { acknowledgementIds, checkedContamination, countRecords, refusePrompts } from "./dataset-facts.ts";
import { type LlmSourceOptions, makeLlmData } from "./llm-source.ts";
import { type DatasetMeta, writeMeta } from "./meta.ts";
import { splitPrompts } from "./split-prompts.ts";
import { writeLines } from "./write-records.ts";

export interface MakeLlmDatasetOptions extends Omit<LlmSourceOptions, "splits"> {
  file: string;
  prompts: readonly string[];
  /** Of every set that evaluates. */
  evaluationPrompts: readonly string[];
  /** Share of the prompts. */
  validation: number;
}

/** Throws FINETUNE_CONTAMINATED before anything is asked if the prompts are contaminated; else what `makeLlmData` throws. */
export async function makeLlmDataset(options: MakeLlmDatasetOptions): Promise<DatasetMeta> {
  const { client, file, prompts, evaluationPrompts, validation, seed } = options;
  refusePrompts({ prompts, evaluationPrompts });
  const splits = splitPrompts({ prompts, validation, seed });
  const { records, tallies } = await makeLlmData({ ...options, splits });
  const of = (split: "train" | "validation") => prompts.filter((prompt) => splits.get(prompt) === split);
  const meta: DatasetMeta = {
    version: 1,
    source: "llm",
    seed,
    model: null,
    writer: client.describe(),
    sae: null,
    prompts: { train: of("train"), validation: of("validation") },
    latents: { training: [], evaluation: [], near: 0 },
    doses: [],
    meanNorm: null,
    acknowledgements: acknowledgementIds(),
    counts: countRecords(records),
    tallies,
    contamination: checkedContamination({ records, evaluationPrompts, evaluationLatents: [] }),
    costUsd: client.spent().costUsd,
  };
  await writeLines({ file, lines: records });
  await writeMeta({ file, meta });
  return meta;
}

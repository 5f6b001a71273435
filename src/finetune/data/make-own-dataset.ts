/** From a model, its dictionary and prompts to a data set with its meta file; everything offline. */
import { readLexicon } from "../../latents/lexicon.ts";
import type { Label } from "../../sae/labels.ts";
import { acknowledgementIds, checkedContamination, countRecords, refusePrompts } from "./dataset-facts.ts";
import { type DatasetMeta, writeMeta } from "./meta.ts";
import { makeOwnData, type OwnSourceOptions } from "./own-source.ts";
import { splitLatents } from "./split-latents.ts";
import { splitPrompts } from "./split-prompts.ts";
import { writeLines } from "./write-records.ts";

export interface MakeOwnDatasetOptions
  extends Omit<OwnSourceOptions, "splits" | "latents" | "labelOf" | "workFolder"> {
  /** The data set; generations are kept in a folder beside it. */
  file: string;
  prompts: readonly string[];
  /** Of every set that evaluates. */
  evaluationPrompts: readonly string[];
  labels: readonly Label[];
  /** How many training latents, or which. */
  latents: number | readonly number[];
  /** Share of the prompts. */
  validation: number;
}

/** Throws FINETUNE_CONTAMINATED before anything is generated if the prompts are contaminated; else what `makeOwnData` throws. */
export async function makeOwnDataset(options: MakeOwnDatasetOptions): Promise<DatasetMeta> {
  const { engine, dictionary, layer, file, prompts, evaluationPrompts, labels, validation, seed } = options;
  refusePrompts({ prompts, evaluationPrompts });
  const splits = splitPrompts({ prompts, validation, seed });
  const latents = splitLatents({
    labels,
    lexicon: readLexicon({}),
    dictionary,
    training: options.latents,
    seed,
  });
  const labelOf = new Map(labels.map(({ index, label }) => [index, label]));
  const made = await makeOwnData({
    ...options,
    splits,
    latents: latents.training,
    labelOf: (latent) => labelOf.get(latent),
    workFolder: workFolderOf(file),
  });
  const { records, tallies, meanNorm } = made;
  const contamination = checkedContamination({
    records,
    evaluationPrompts,
    evaluationLatents: latents.evaluation,
  });
  const of = (split: "train" | "validation") => prompts.filter((prompt) => splits.get(prompt) === split);
  const { name, fileHash, weightType, weightMode } = engine.info;
  const meta: DatasetMeta = {
    version: 1,
    source: "own",
    seed,
    model: { name, fileHash, weights: `${weightMode} ${weightType}` },
    writer: null,
    sae: { path: dictionary.path, hash: dictionary.hash(), layer },
    prompts: { train: of("train"), validation: of("validation") },
    latents,
    doses: [...options.doses],
    meanNorm,
    acknowledgements: acknowledgementIds(),
    counts: countRecords(records),
    tallies,
    contamination,
    costUsd: null,
  };
  await writeLines({ file, lines: records });
  await writeMeta({ file, meta });
  return meta;
}

function workFolderOf(file: string): string {
  return `${file.replace(/\.jsonl$/, "")}.work`;
}

/** What the adapters of a run were trained on: its latents must not be steered and its prompts not be asked (METHOD.md 9.4). */
import { CountersteerError } from "../errors.ts";
import { refusePrompts } from "../finetune/data/dataset-facts.ts";
import { readMeta } from "../finetune/data/meta.ts";

export interface TrainedOn {
  /** The data set, as the settings name it. */
  data: string;
  prompts: string[];
  /** SHA-256 of the dictionary that the numbers belong to; null where no latent steered. */
  saeHash: string | null;
  /** Latents that steered. */
  latents: number[];
  /** Latents that no training latent is near to, not even by its label. */
  heldOut: number[];
}

/** Of a data set, `data.jsonl`, or of the file that lies beside it, `data.meta.json`. Throws CONFIG_INVALID. */
export async function readTrainedOn({ data }: { data: string }): Promise<TrainedOn> {
  const { prompts, sae, latents } = await readMeta({ file: data.replace(/\.meta\.json$/, "") });
  return {
    data,
    prompts: [...prompts.train, ...prompts.validation],
    saeHash: sae?.hash ?? null,
    latents: latents.training,
    heldOut: latents.evaluation,
  };
}

export interface RefuseTrainedOptions {
  trainedOn: readonly TrainedOn[];
  /** On which the run's rates are measured. */
  prompts: readonly string[];
  /** Latents that the settings name; null where they are chosen. */
  indices: readonly number[] | null;
  saeHash: string;
}

/** Throws FINETUNE_CONTAMINATED for a prompt or a latent on both sides, CONFIG_INVALID where latents of two dictionaries can't be compared. */
export function refuseTrained({ trainedOn, prompts, indices, saeHash }: RefuseTrainedOptions): void {
  for (const { data, saeHash: trained, latents, ...its } of trainedOn) {
    refusePrompts({ prompts: its.prompts, evaluationPrompts: prompts });
    if (trained !== null && trained !== saeHash) {
      throw new CountersteerError("CONFIG_INVALID", {
        what: `The latents that ${data} was made with are those of another SAE.`,
        why: "Which latents of this run's SAE were trained on can't be told by their numbers.",
        todo: "Use the SAE of the data, or leave out `data` and give `latents.exclude`.",
        facts: { data, saeHash, trained },
      });
    }
    const both = (indices ?? []).filter((latent) => latents.includes(latent));
    if (both.length === 0) continue;
    throw new CountersteerError("FINETUNE_CONTAMINATED", {
      what: `The run steers latents that the adapters were trained on: ${both.join(", ")}.`,
      why: `They steered the off-topic starts of ${data}.`,
      todo: "Take them out of latents.indices, or leave that out to have held-out latents chosen.",
      facts: { data, latents: both },
    });
  }
}

/** Those that must not be chosen: trained on, or too near to a latent that was. */
export function latentsTrainedOn({
  trainedOn,
  latents,
}: {
  trainedOn: readonly TrainedOn[];
  /** Candidates. */
  latents: readonly number[];
}): number[] {
  return trainedOn
    .filter(({ saeHash }) => saeHash !== null)
    .flatMap(({ heldOut, latents: trained }) => {
      const free = new Set(heldOut);
      return [...trained, ...latents.filter((latent) => !free.has(latent))];
    });
}

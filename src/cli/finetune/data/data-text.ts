/** What `finetune data` prints. */
import { type DatasetMeta, metaFile } from "../../../finetune/data/meta.ts";
import { tallyText } from "../../../finetune/data/tally.ts";

export function dataText({ file, meta }: { file: string; meta: DatasetMeta }): string {
  const { counts, latents, prompts, tallies, contamination, costUsd } = meta;
  const pair = ({ train, validation }: { train: number; validation: number }) =>
    `${train + validation} (${train} train, ${validation} validation)`;
  return [
    file,
    `self-corrections  ${pair(counts.selfCorrection)}`,
    `normal answers    ${pair(counts.normal)}`,
    `prompts           ${pair({ train: prompts.train.length, validation: prompts.validation.length })}`,
    `latents           ${latents.training.length} for training, ${latents.evaluation.length} left for evaluation, ${latents.near} too near for either`,
    ...Object.entries(tallies).map(([stage, tally]) => `${stage.padEnd(18)}${tallyText(tally)}`),
    `contamination     ${contamination.found === 0 ? "none" : contamination.found} (against ${contamination.evaluationPrompts} prompts, ${contamination.evaluationLatents} latents, ${contamination.heldOutAcknowledgements} acknowledgements)`,
    ...(costUsd === null ? [] : [`cost              $${costUsd.toFixed(2)}`]),
    `all of it in ${metaFile(file)}`,
  ].join("\n");
}

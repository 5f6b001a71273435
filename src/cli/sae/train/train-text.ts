/** What `sae train` shows while it works, and at the end. */
import type { PrepareProgress } from "../../../activations/train/prepare-rows.ts";
import type { TrainingSummary } from "../../../activations/train/summary.ts";
import type { TrainProgress } from "../../../activations/train/train-dictionary.ts";
import { duration } from "../../progress-line.ts";

export function prepareLine(progress: PrepareProgress): string {
  switch (progress.phase) {
    case "answers":
      return `writing answers: ${progress.done} of ${progress.total}`;
    case "documents":
      return `reading documents: ${progress.done}`;
    case "capture":
      return `capturing: ${progress.done} of ${progress.total} tokens`;
    case "held-out":
      return "capturing held-out tokens";
  }
}

export function trainLine({ latents, progress }: { latents: number; progress: TrainProgress }): string {
  const { step, totalSteps, fvu, l0, dead, heldOut, rowsPerSecond, secondsLeft } = progress;
  return [
    `step ${step}/${totalSteps}`,
    `FVU ${fvu.toFixed(3)}`,
    ...(heldOut === null ? [] : [`held-out ${heldOut.fvu.toFixed(3)}`]),
    `L0 ${l0.toFixed(1)}`,
    `dead ${((100 * dead) / latents).toFixed(1)} %`,
    `${rowsPerSecond.toFixed(0)} tokens/s`,
    `${duration(secondsLeft)} left`,
  ].join(" · ");
}

export function summaryText(summary: TrainingSummary): string {
  const { dictionary, latents, k, variant, layer, rows, epochRows, steps, heldOut, training } = summary;
  return [
    `${dictionary}: ${latents} latents, ${variant}, k ${k}, layer ${layer}`,
    heldOut === null
      ? "held-out: no document fell on that side; give more documents or a greater share"
      : `held-out: explained variance ${(1 - heldOut.fvu).toFixed(4)} at L0 ${heldOut.l0.toFixed(1)}, ${heldOut.rows} tokens`,
    ...(training === null
      ? []
      : [
          `last step: FVU ${training.fvu.toFixed(4)}, dead latents ${((100 * training.dead) / latents).toFixed(2)} %`,
        ]),
    `${rows} tokens (${(rows / epochRows).toFixed(2)} epochs) in ${steps} steps; ${duration(summary.seconds)} in the last session, ${summary.rowsPerSecond.toFixed(0)} tokens/s`,
    ...(summary.heldOutDocuments === null || heldOut === null
      ? []
      : [`Measure it: countersteer sae evaluate --sae ${dictionary} --docs ${summary.heldOutDocuments}`]),
  ].join("\n");
}

/** What `finetune train` shows while it works, and at the end. */
import type { MixCounts } from "../../../finetune/train/mix-by-ratio.ts";
import type { FinetuneSummary } from "../../../finetune/train/summary.ts";
import type { TrainProgress } from "../../../finetune/train/train-adapter.ts";
import { duration } from "../../progress-line.ts";

export function trainLine({
  step,
  totalSteps,
  loss,
  validation,
  tokensPerSecond,
  secondsLeft,
}: TrainProgress): string {
  return [
    `step ${step}/${totalSteps}`,
    `loss ${loss.toFixed(3)}`,
    ...(validation === null ? [] : [`validation ${validation.all.toFixed(3)}`]),
    `${tokensPerSecond.toFixed(0)} tokens/s`,
    `${duration(secondsLeft)} left`,
  ].join(" · ");
}

export function mixLine({ ratio, selfCorrections, normal, actual }: MixCounts): string {
  return `mix: ${selfCorrections} self-corrections and ${normal} normal answers, ${actual.toFixed(1)} % (${ratio} % asked for)`;
}

export function summaryText(summary: FinetuneSummary): string {
  const { examples, mix, validations, losses, keptStep } = summary;
  const first = validations.find(({ step }) => step === 0);
  const kept = validations.find(({ step }) => step === keptStep);
  const skipped = examples.skipped.length;
  return [
    `${summary.adapter}: ${summary.parameters} parameters, weights of step ${keptStep}`,
    `${summary.gguf}: the same for --adapter`,
    `trained on ${examples.selfCorrections} self-corrections and ${examples.normal} normal answers${skipped === 0 ? "" : `; ${skipped} left out, too long`}`,
    ...(mix === null ? [] : [mixLine(mix)]),
    ...(summary.steer.mode === "data" ? [] : [steerText(summary.steer)]),
    `loss ${lossText(losses.at(0))} at the first step, ${lossText(losses.at(-1))} at the last`,
    ...(first === undefined || kept === undefined
      ? ["no validation examples: nothing says whether it learned more than its data"]
      : [
          `validation on ${examples.validation}: ${validationText(first)} before, ${validationText(kept)} of the adapter`,
        ]),
    `${summary.steps} of ${summary.totalSteps} steps${summary.finished === "early" ? ", ended early" : ""}, ${summary.tokens} tokens; ${duration(summary.seconds)} in the last session, ${summary.tokensPerSecond.toFixed(0)} tokens/s`,
  ].join("\n");
}

function steerText({ mode, latents, strength, layer }: FinetuneSummary["steer"]): string {
  const range = strength === null ? "" : ` at ${strength[0]} to ${strength[1]}`;
  return `steered in training (${mode}): ${latents.length} latents${range}, layer ${layer}`;
}

function validationText({ all, selfCorrection, normal }: FinetuneSummary["validations"][number]): string {
  return `${lossText(all)} (self-corrections ${lossText(selfCorrection)}, normal ${lossText(normal)})`;
}

function lossText(loss: number | null | undefined): string {
  return loss === null || loss === undefined ? "none" : loss.toFixed(3);
}

/** A receipt in sentences: what the engine measured about the edit while it applied it. */
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";
import { counted, fixed } from "../../lib/format.ts";

export type ShownReceipt = NonNullable<TrialDetail["trial"]["receipt"]>;

export function receiptWords({
  receipt,
  latent,
}: {
  receipt: ShownReceipt;
  latent: number | null;
}): string[] {
  const { layer, rowsEdited, promptRows, generatedRows, meanDose, meanNormBefore, meanNormAfter, edits } =
    receipt;
  const steered = edits.find((edit) => edit.kind === "add" && edit.latent === latent);
  const sentences = [
    `${counted(rowsEdited, "row")} of layer ${layer} were edited: ${promptRows} of the prompt, ${generatedRows} of the answer.`,
    `On average the edit moved a row by ${fixed(100 * meanDose)} % of its length, which went from ${fixed(meanNormBefore)} to ${fixed(meanNormAfter)}.`,
  ];
  if (
    latent !== null &&
    steered !== undefined &&
    steered.meanValueBefore !== null &&
    steered.meanValueAfter !== null
  ) {
    sentences.push(
      `Read back, latent ${latent} went from ${fixed(steered.meanValueBefore, 2)} to ${fixed(steered.meanValueAfter, 2)}.`,
    );
  }
  return sentences;
}

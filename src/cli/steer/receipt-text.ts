/** A receipt in words: the proof that an intervention was applied. */
import type { Receipt } from "../../engine/engine.ts";

/** Lines for people. */
export function receiptLines(receipt: Receipt): string[] {
  const { layer, rowsEdited, promptRows, generatedRows, meanDose, meanNormBefore, meanNormAfter } = receipt;
  return [
    `layer ${layer}: ${rowsEdited} rows edited (${promptRows} prompt, ${generatedRows} generated), ` +
      `mean dose ${meanDose.toFixed(3)}, mean norm ${meanNormBefore.toFixed(1)} -> ${meanNormAfter.toFixed(1)}`,
    ...receipt.edits.map(
      ({ kind, latent, rowsChanged, meanValueBefore, meanValueAfter, meanSquaredError }) => {
        if (meanSquaredError !== undefined) {
          return `${kind}: ${rowsChanged} rows changed, mean squared error ${meanSquaredError.toPrecision(3)}`;
        }
        const what = latent === null ? "vector" : `latent ${latent}`;
        const values =
          meanValueBefore === null || meanValueAfter === null
            ? ""
            : `, mean value ${meanValueBefore.toFixed(2)} -> ${meanValueAfter.toFixed(2)}`;
        return `${kind} ${what}: ${rowsChanged} rows changed${values}`;
      },
    ),
  ];
}

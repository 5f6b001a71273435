/** A comparison of two arms as text. */
import { describeDifference } from "../store/comparable.ts";
import type { ArmComparison } from "./compare.ts";
import { bounds, fixed, percent, short } from "./number-text.ts";
import { renderTable } from "./render-table.ts";

export function comparisonText({ comparison, color }: { comparison: ArmComparison; color: boolean }): string {
  const { reference, treatment, rates, table, mcnemar, permutation, pairs, unscored, unpaired } = comparison;
  const inReference = table.both + table.onlyFirst;
  const inTreatment = table.both + table.onlySecond;
  const level = `${short(100 * rates.difference.level)} %`;
  return [
    comparison.sentence,
    renderTable({
      head: ["", "n", comparison.outcome],
      rows: [
        [reference, `${inReference}/${pairs}`, percent(rates.referenceRate)],
        [treatment, `${inTreatment}/${pairs}`, percent(rates.treatmentRate)],
      ],
      color,
    }),
    `Difference ${points(rates.difference.estimate)}, ${level} by latent ${bounds(rates.difference, 100)} points.`,
    `Of ${pairs} pairs: both ${table.both}, only ${reference} ${table.onlyFirst}, only ${treatment} ${table.onlySecond}, neither ${table.neither}.`,
    `McNemar (exact) p = ${fixed(mcnemar.p, 4)}; permutation by latent p = ${fixed(permutation.p, 4)}.`,
    `Left out: ${unscored} units without a score in an arm, ${unpaired.reference} only in ${reference}, ${unpaired.treatment} only in ${treatment}.`,
    `Success: last score > first score + ${short(comparison.margin)}.`,
    ...comparison.differences.map(
      (difference) => `The runs differ in ${describeDifference(difference)}; this was allowed.`,
    ),
  ].join("\n");
}

function points(value: number | null): string {
  return value === null ? "-" : `${value > 0 ? "+" : ""}${fixed(100 * value)} points`;
}

/** A comparison of two arms as text. */
import { describeDifference } from "../store/comparable.ts";
import type { ArmComparison } from "./compare.ts";
import { bounds, fixed, percent, short } from "./number-text.ts";
import { renderTable } from "./render-table.ts";

export function comparisonText({ comparison, color }: { comparison: ArmComparison; color: boolean }): string {
  const { reference, treatment, rates, table, mcnemar, permutation, scored, pairs, unscored, unpaired } =
    comparison;
  const level = `${short(100 * rates.difference.level)} %`;
  return [
    comparison.sentence,
    renderTable({
      head: ["", comparison.pairing === "unpaired" ? "n, unpaired" : "n", comparison.outcome],
      rows: [
        [reference, shareOf(rates.referenceRate, scored.reference), percent(rates.referenceRate)],
        [treatment, shareOf(rates.treatmentRate, scored.treatment), percent(rates.treatmentRate)],
      ],
      color,
    }),
    `Difference ${points(rates.difference.estimate)}, ${level} by latent ${bounds(rates.difference, 100)} points.`,
    ...(comparison.pairing === "unpaired"
      ? [
          `Unpaired: the arms share no unit. Student's t by latent p = ${fixed(comparison.p, 4)}.`,
          `Left out, without a score: ${unpaired.reference - scored.reference} of ${reference}, ${unpaired.treatment - scored.treatment} of ${treatment}.`,
        ]
      : [
          `Of ${pairs} pairs: both ${table.both}, only ${reference} ${table.onlyFirst}, only ${treatment} ${table.onlySecond}, neither ${table.neither}.`,
          `McNemar (exact) p = ${fixed(mcnemar.p, 4)}; permutation by latent p = ${fixed(permutation.p, 4)}.`,
          `Left out: ${unscored} units without a score in an arm, ${unpaired.reference} only in ${reference}, ${unpaired.treatment} only in ${treatment}.`,
        ]),
    `Success: last score > first score + ${short(comparison.margin)}.`,
    ...comparison.differences.map(
      (difference) => `The runs differ in ${describeDifference(difference)}; this was allowed.`,
    ),
  ].join("\n");
}

function shareOf(rate: number | null, n: number): string {
  return `${Math.round((rate ?? 0) * n)}/${n}`;
}

function points(value: number | null): string {
  return value === null ? "-" : `${value > 0 ? "+" : ""}${fixed(100 * value)} points`;
}

/** Arms against arms: families of declared comparisons, single comparisons in detail, and curves. */
import type { OutcomeName } from "../../store/analysis.ts";
import { describeDifference } from "../../store/comparable.ts";
import type { ArmComparison } from "../compare.ts";
import { type Curve, curveTable } from "../curves.ts";
import type { Family } from "../families.ts";
import { bounds, fixed, percent, short } from "../number-text.ts";
import { type Block, tableBlock, text } from "./blocks.ts";

export function familyBlocks({ design, rows, absent }: Family): Block[] {
  const isRate = (outcome: OutcomeName) => outcome === "multi-attempt" || outcome === "esr";
  const value = (number: number | null, outcome: OutcomeName) =>
    number === null ? "-" : `${fixed(number)}${isRate(outcome) ? " %" : ""}`;
  const without = absent.map((each) => `${each.treatment} - ${each.reference} (${each.outcome})`);
  return [
    ...(rows.length === 0
      ? [text(`No comparison of ${design} has a pair of scored trials.`)]
      : [
          tableBlock({
            caption: `${design}: paired by unit, intervals and p by latent; Holm over ${rows.length === 1 ? "one test" : `${rows.length} tests`}`,
            head: [
              "treatment",
              "reference",
              "measure",
              "pairs",
              "treatment",
              "reference",
              "difference",
              "95 %",
              "p",
              "p Holm",
            ],
            left: 3,
            rows: rows.map((row) => [
              row.treatment,
              row.reference,
              row.outcome,
              String(row.pairs),
              value(row.values.treatment, row.outcome),
              value(row.values.reference, row.outcome),
              fixed(row.difference.estimate),
              bounds(row.difference),
              fixed(row.p, 4),
              fixed(row.pHolm, 4),
            ]),
          }),
        ]),
    ...(without.length === 0 ? [] : [text(`Without a pair of scored trials: ${without.join(", ")}.`)]),
  ];
}

export function comparisonBlocks(comparison: ArmComparison): Block[] {
  const { reference, treatment, outcome, rates, scored, table, mcnemar, permutation, pairing } = comparison;
  const isPaired = pairing === "paired";
  const level = `${short(100 * rates.difference.level)} %`;
  return [
    text(`${comparison.sentence}.`.replace(/\.\.$/, ".")),
    {
      kind: "terms",
      items: [
        [`${reference}, ${outcome}`, `${percent(rates.referenceRate)} of ${scored.reference}`],
        [`${treatment}, ${outcome}`, `${percent(rates.treatmentRate)} of ${scored.treatment}`],
        [
          "difference",
          `${rates.difference.estimate === null ? "-" : fixed(100 * rates.difference.estimate)} points, ${level} by latent ${bounds(rates.difference, 100)}`,
        ],
        ...(isPaired
          ? ([
              [
                "pairs",
                `${comparison.pairs}: both ${table.both}, only ${reference} ${table.onlyFirst}, only ${treatment} ${table.onlySecond}, neither ${table.neither}`,
              ],
              ["McNemar, exact", `p = ${fixed(mcnemar.p, 4)}`],
              ["permutation by latent", `p = ${fixed(permutation.p, 4)}`],
              ["left out", `${comparison.unscored} units without a score in an arm`],
            ] satisfies [string, string][])
          : ([["unpaired, Student's t by latent", `p = ${fixed(comparison.p, 4)}`]] satisfies [
              string,
              string,
            ][])),
        ["success", `last score > first score + ${short(comparison.margin)}`],
      ],
    },
    ...comparison.differences.map((each) =>
      text(`The runs differ in ${describeDifference(each)}; this was allowed.`),
    ),
  ];
}

export function curveBlocks(curve: Curve): Block[] {
  const caption = `${curve.design}: along ${curve.axis}, intervals by latent, not smoothed`;
  return [tableBlock({ caption, ...curveTable(curve), left: 2 })];
}

/** Two judges over one run, as text: one table an arm, so that every denominator stands beside the rates. */
import type { ArmUnderJudges, JudgeComparison, JudgeDifference, JudgeRates } from "./judge-compare.ts";
import { bounds, fixed, percent, short } from "./number-text.ts";
import { paint, renderTable } from "./render-table.ts";

export interface JudgeComparisonTextOptions {
  comparison: JudgeComparison;
  color: boolean;
}

export function judgeComparisonText({ comparison, color }: JudgeComparisonTextOptions): string {
  const { dir, first, second, margin, level, without } = comparison;
  return [
    `${dir}\nA: ${first}\nB: ${second}`,
    ...comparison.arms.map((arm) => armText({ arm, color })),
    [
      `Success: last score > first score + ${short(margin)}. Intervals ${short(100 * level)} % by latent.`,
      "McNemar takes responses as independent, which those of one latent are not.",
      ...(without.length === 0 ? [] : [`No response scored by both in ${without.join(", ")}.`]),
    ].join("\n"),
  ].join("\n\n");
}

function armText({ arm, color }: { arm: ArmUnderJudges; color: boolean }): string {
  const { shared, own, differences } = arm;
  const table = renderTable({
    head: ["", "A", "B", "B less A, points"],
    rows: [
      ["scored by both", String(arm.common), String(arm.common), ""],
      ...ratesRows(shared).map((row, i) => [...row, differenceText(differences[i])]),
      ["scored by the judge", String(own.first.counts.scored), String(own.second.counts.scored), ""],
      ...ratesRows(own).map((row) => [...row, ""]),
      ...COUNTS.map(([key, name]) => [
        name,
        String(own.first.counts[key]),
        String(own.second.counts[key]),
        "",
      ]),
    ],
    color,
  });
  return [
    color ? paint("bold", arm.arm) : arm.arm,
    table,
    `Scored by both ${arm.common}, by A only ${arm.onlyFirst}, by B only ${arm.onlySecond}, by neither ${arm.neither}.`,
    ...differences.flatMap(pairsText),
  ].join("\n");
}

const COUNTS = [
  ["noAttempt", "no attempt"],
  ["refused", "judge refused"],
  ["empty", "judge said nothing"],
  ["unparsable", "judge unparsable"],
  ["failed", "judge failed"],
  ["unjudged", "not judged"],
  ["generated", "all responses"],
] as const;

/** In the order of the differences. */
function ratesRows({ first, second }: { first: JudgeRates; second: JudgeRates }): [string, string, string][] {
  const score = ({ firstScore }: JudgeRates) => `${fixed(firstScore.estimate)} ${bounds(firstScore)}`;
  const rate = ({ successes, n, estimate, byLatent }: JudgeRates["esr"]) =>
    `${successes}/${n}  ${percent(estimate)} ${bounds(byLatent, 100)}`;
  return [
    ["  first score", score(first), score(second)],
    ["  multi-attempt", rate(first.multiAttempt), rate(second.multiAttempt)],
    ["  ESR", rate(first.esr), rate(second.esr)],
  ];
}

function differenceText(difference: JudgeDifference | undefined): string {
  if (difference === undefined) return "";
  const scale = difference.measure === "first-score" ? 1 : 100;
  const { estimate } = difference.difference;
  return estimate === null
    ? "-"
    : `${estimate > 0 ? "+" : ""}${fixed(scale * estimate)} ${bounds(difference.difference, scale)}`;
}

function pairsText({ measure, table, mcnemar }: JudgeDifference): string[] {
  if (table === null || mcnemar === null) return [];
  const { both, onlyFirst, onlySecond, neither } = table;
  const name = measure === "esr" ? "ESR" : measure;
  return [
    `${name}: both ${both}, only A ${onlyFirst}, only B ${onlySecond}, neither ${neither}; McNemar (exact) p = ${fixed(mcnemar.p, 4)}.`,
  ];
}

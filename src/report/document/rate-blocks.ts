/** Rates of every arm, and every denominator behind them (DESIGN.md, invariant 10). */
import type { ArmCounts, ArmSummary, RateSummary } from "../arm-summary.ts";
import { bounds, fixed, percent, short } from "../number-text.ts";
import type { Recoveries } from "../recoveries.ts";
import type { Robustness } from "../robustness.ts";
import type { RunSummary } from "../summarise.ts";
import { type Block, tableBlock, text } from "./blocks.ts";

export function ratesTable({ arms, level }: Pick<RunSummary, "arms" | "level">): Block {
  const coverage = `${short(100 * level)} %`;
  const rateRow = (arm: string, name: string, rate: RateSummary) => [
    arm,
    name,
    `${rate.successes}/${rate.n}`,
    percent(rate.estimate),
    bounds(rate.byLatent, 100),
    bounds(rate.byLatentAndPrompt, 100),
    bounds(rate.wilson, 100),
  ];
  return tableBlock({
    caption: "Rates of each arm",
    head: ["arm", "measure", "n", "value", `by latent ${coverage}`, "by latent and prompt", "Wilson"],
    left: 2,
    rows: arms.flatMap((summary) => {
      const { arm, firstScore, multiAttempt, esr, improvement } = summary;
      return [
        [arm, "first score", String(firstScore.n), fixed(firstScore.estimate), bounds(firstScore), "", ""],
        rateRow(arm, "multi-attempt", multiAttempt),
        rateRow(arm, "ESR", esr),
        rateRow(arm, "improved of multi", improvement),
      ];
    }),
  });
}

const COUNTS: [keyof ArmCounts, string][] = [
  ["trials", "trials"],
  ["errored", "errored"],
  ["generated", "generated"],
  ["degraded", "degraded"],
  ["unjudged", "not judged yet"],
  ["judged", "judged"],
  ["noAttempt", "no attempt"],
  ["refused", "judge refused"],
  ["empty", "judge said nothing"],
  ["unparsable", "judge unparsable"],
  ["failed", "judge failed"],
  ["scored", "scored"],
  ["excluded", "left out as degraded"],
  ["multiAttempt", "multi-attempt"],
  ["improved", "improved"],
  ["worsened", "worsened"],
];

export function countsBlocks(arms: readonly ArmSummary[]): Block[] {
  return [
    text(
      "Trials are errored or generated; the generated are not judged yet or judged; the judged are scored, without an attempt, or a failure of the judge. " +
        "Only the scored enter a rate. Degraded responses loop on one word; they are counted whatever their judgement.",
    ),
    tableBlock({
      caption: "Every denominator of each arm",
      head: ["arm", ...COUNTS.map(([, name]) => name), "latents", "mean dose"],
      rows: arms.map(({ arm, counts, clusters, dose }) => [
        arm,
        ...COUNTS.map(([key]) => String(counts[key])),
        String(clusters),
        fixed(dose.mean, 3),
      ]),
    }),
  ];
}

const MARGINS = [0, 5, 10, 20, 30];

export function robustnessBlocks({ arms, margin }: Pick<RunSummary, "arms" | "margin">): Block[] {
  const shown = arms.filter(({ robustness }) => robustness.multiAttempt > 0);
  if (shown.length === 0) {
    return [
      text(
        "No arm has a multi-attempt trial, so that there is no success whose causes could be asked about.",
      ),
    ];
  }
  const expected = (value: number | null) => (value === null ? "-" : value.toFixed(1));
  const atMargins = ({ margins }: Robustness) =>
    MARGINS.map((step) => String(margins.find((each) => each.margin === step)?.improved ?? "-"));
  return [
    text(
      "How many multi-attempt trials improved, and how many would have by chance: with their attempts in random order, with the last score of another trial " +
        "(regression to the mean), and by the lengths of the attempts alone. Then successes at larger margins.",
    ),
    tableBlock({
      caption: "What success hangs on",
      head: [
        "arm",
        "multi-attempt",
        `improved by more than ${short(margin)}`,
        "random order",
        "p of as many in random order",
        "another's last score",
        "lengths alone",
        ...MARGINS.map((step) => `margin ${step}`),
        "cut off, one attempt",
        "cut off, several",
      ],
      rows: shown.map(({ arm, robustness }) => [
        arm,
        String(robustness.multiAttempt),
        String(robustness.improved),
        expected(robustness.shuffledExpected),
        fixed(robustness.shuffledP, 3),
        expected(robustness.swappedExpected),
        expected(robustness.lengthExpected),
        ...atMargins(robustness),
        String(robustness.truncated.single ?? "unknown"),
        String(robustness.truncated.multiAttempt ?? "unknown"),
      ]),
    }),
  ];
}

export function recoveryBlocks({ recoveries, level }: Pick<RunSummary, "recoveries" | "level">): Block[] {
  if (recoveries === null) return [];
  return [
    tableBlock({
      caption: "Return to the topic without restart wording (no ESR success)",
      head: ["arm", "trials", "share", `Wilson ${short(100 * level)} %`],
      rows: recoveries.arms.map(({ arm, recoveries: rate }) => [
        arm,
        `${rate.successes}/${rate.n}`,
        percent(rate.estimate),
        bounds(rate, 100),
      ]),
    }),
    ...falseAlarmText(recoveries),
  ];
}

function falseAlarmText({ falseAlarms }: Recoveries): Block[] {
  if (falseAlarms === null) return [];
  const { unsteered, offTopic } = falseAlarms;
  return [
    text(
      `False alarms in the judge's calibration: ${unsteered.alarms} of ${unsteered.answers} unsteered answers, ${offTopic.alarms} of ${offTopic.answers} off topic to the end.`,
    ),
  ];
}

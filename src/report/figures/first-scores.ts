/** How the scores of first attempts lie in each arm, with their mean and its interval. */
import * as Plot from "@observablehq/plot";
import type { Interval } from "../../stats/interval.ts";
import type { ArmScores } from "./arm-scores.ts";
import { drawEmpty, drawFigure } from "./draw.ts";
import type { Cell, Figure } from "./figure.ts";
import { labelRoom, shortLabel } from "./labels.ts";
import { ACCENT, MUTED, PAPER, SECOND } from "./palette.ts";

const BIN = 5;
const BINS = 100 / BIN;
const ROW = 40;

export interface FirstScoreArm extends Pick<ArmScores, "arm" | "firstScores"> {
  mean: Pick<Interval, "estimate" | "lower" | "upper">;
}

interface ScoreBin {
  arm: string;
  from: number;
  to: number;
  count: number;
  /** Of the arm's scored trials. */
  share: number;
}

export function firstScores({
  name,
  arms,
  target,
}: {
  name: string;
  arms: readonly FirstScoreArm[];
  /** null where no threshold was searched. */
  target: number | null;
}): Figure {
  const shown = arms.filter(({ firstScores: scores }) => scores.length > 0);
  const bins = shown.flatMap(scoreBins);
  const means = shown.flatMap(({ arm, mean, firstScores: scores }) =>
    mean.estimate === null ? [] : [{ arm, ...mean, estimate: mean.estimate, count: scores.length }],
  );
  const title = "Scores of first attempts";
  const description =
    "Share of each arm's scored trials by the score of the first attempt, in steps of 5 points, all arms to one scale. " +
    `The dot is the mean, the line its interval by latent.${target === null ? "" : ` Dashed: ${target}, which steering aims at.`}`;
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["arm", "mark", "score_from", "score_to", "trials", "share", "mean", "lower", "upper"],
    rows: [
      ...bins.map(({ arm, from, to, count, share }): Cell[] => [
        arm,
        "bin",
        from,
        to,
        count,
        share,
        null,
        null,
        null,
      ]),
      ...means.map(({ arm, count, estimate, lower, upper }): Cell[] => [
        arm,
        "mean",
        null,
        null,
        count,
        null,
        estimate,
        lower,
        upper,
      ]),
    ],
  };
  if (bins.length === 0) {
    return { ...figure, svg: drawEmpty({ ...common, message: "No scored trial." }) };
  }
  const highest = Math.max(...bins.map(({ share }) => share));
  const bounded = means.filter(({ lower, upper }) => lower !== null && upper !== null);
  const options: Plot.PlotOptions = {
    height: shown.length * ROW + 60,
    marginLeft: labelRoom(shown.map(({ arm }) => arm)),
    marginRight: 74,
    marginTop: 8,
    marginBottom: 46,
    x: { domain: [0, 100], label: "score of the first attempt", labelAnchor: "center", labelArrow: "none" },
    y: { domain: [0, highest], axis: null },
    fy: { domain: shown.map(({ arm }) => arm), axis: null, padding: 0.25 },
    marks: [
      Plot.axisFy({ anchor: "left", label: null, tickSize: 0, tickFormat: (arm: string) => shortLabel(arm) }),
      Plot.ruleY([0], { className: "cs-grid", stroke: MUTED, strokeOpacity: 0.6 }),
      ...(target === null
        ? []
        : [Plot.ruleX([target], { className: "cs-reference", stroke: SECOND, strokeDasharray: "4,3" })]),
      Plot.rectY(bins, {
        fy: "arm",
        x1: "from",
        x2: "to",
        y: "share",
        insetLeft: 0.5,
        insetRight: 0.5,
        className: "cs-data",
        fill: ACCENT,
        fillOpacity: 0.75,
        title: ({ from, to, count }: ScoreBin) => `${from} to ${to}: ${count}`,
      }),
      Plot.ruleY(bounded, {
        fy: "arm",
        x1: "lower",
        x2: "upper",
        y: 0,
        className: "cs-mean-interval",
        stroke: SECOND,
        strokeWidth: 3,
      }),
      Plot.dot(means, {
        fy: "arm",
        x: "estimate",
        y: 0,
        r: 4.5,
        className: "cs-data-mean",
        fill: SECOND,
        stroke: PAPER,
        title: ({ estimate }: { estimate: number }) => `mean ${estimate.toFixed(1)}`,
      }),
      Plot.text(means, {
        fy: "arm",
        text: ({ count }: { count: number }) => `n ${count}`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 10,
        className: "cs-note",
        fill: MUTED,
      }),
    ],
  };
  return { ...figure, svg: drawFigure({ ...common, panels: [{ options }] }) };
}

/** Only steps that hold a trial; a score of 100 falls into the last. */
function scoreBins({ arm, firstScores: scores }: FirstScoreArm): ScoreBin[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const score of scores) {
    const bin = Math.min(BINS - 1, Math.floor(score / BIN));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.flatMap((count, i) =>
    count === 0 ? [] : [{ arm, from: i * BIN, to: (i + 1) * BIN, count, share: count / scores.length }],
  );
}

/** Histogram of last less first score over multi-attempt trials: 31 bins with 0 in the middle of one (METHOD.md 7.1). */
import * as Plot from "@observablehq/plot";
import type { ArmScores } from "./arm-scores.ts";
import { drawEmpty, drawFigure } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { labelRoom, shortLabel } from "./labels.ts";
import { ACCENT, MUTED, SECOND } from "./palette.ts";

export const CHANGE_BINS = 31;
const WIDTH = 200 / (CHANGE_BINS - 1);
/** Pixels of an arm. */
const ROW = 74;

export interface ChangeBin {
  arm: string;
  from: number;
  to: number;
  count: number;
}

/** Only bins that hold a trial, in order. Changes lie in [-100, 100]. */
export function changeBins({ arm, changes }: Pick<ArmScores, "arm" | "changes">): ChangeBin[] {
  const counts = new Array<number>(CHANGE_BINS).fill(0);
  for (const change of changes) {
    const bin = Math.floor((change + 100) / WIDTH + 0.5);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.flatMap((count, i) => {
    const from = -100 + (i - 0.5) * WIDTH;
    return count === 0 ? [] : [{ arm, from, to: from + WIDTH, count }];
  });
}

export function scoreChanges({
  name,
  arms,
  margin,
}: {
  name: string;
  arms: readonly ArmScores[];
  /** Success is a change above it. */
  margin: number;
}): Figure {
  const shown = arms.filter(({ changes }) => changes.length > 0);
  const bins = shown.flatMap(changeBins);
  const title = "Change of the score from first to last attempt";
  const description =
    "Multi-attempt trials of each arm, counted by last less first score. Right of the dashed line the last attempt scored higher. " +
    "Arms without a multi-attempt trial are left out.";
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["arm", "change_from", "change_to", "trials"],
    rows: bins.map(({ arm, from, to, count }) => [arm, from, to, count]),
  };
  if (bins.length === 0) {
    return { ...figure, svg: drawEmpty({ ...common, message: "No trial with several scored attempts." }) };
  }
  const highest = Math.max(...bins.map(({ count }) => count));
  const sums = shown.map(({ arm, changes }) => {
    const improved = changes.filter((change) => change > margin).length;
    return { arm, text: `${improved} of ${changes.length} improved` };
  });
  const options: Plot.PlotOptions = {
    height: shown.length * ROW + 66,
    marginLeft: labelRoom(shown.map(({ arm }) => arm)),
    marginRight: 44,
    marginTop: 10,
    marginBottom: 46,
    x: {
      domain: [-104, 104],
      ticks: [-100, -50, 0, 50, 100],
      label: "last less first score, points",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { domain: [0, highest * 1.35], axis: null },
    fy: { domain: shown.map(({ arm }) => arm), axis: null, padding: 0.12 },
    marks: [
      Plot.axisFy({ anchor: "left", label: null, tickSize: 0, tickFormat: (arm: string) => shortLabel(arm) }),
      Plot.axisY({
        anchor: "right",
        label: "trials",
        labelArrow: "none",
        ticks: countTicks(highest),
        tickFormat: "d",
      }),
      Plot.ruleY([0], { stroke: "currentColor" }),
      Plot.rectY(bins, {
        fy: "arm",
        x1: "from",
        x2: "to",
        y: "count",
        insetLeft: 0.5,
        insetRight: 0.5,
        className: "cs-data",
        fill: ACCENT,
        title: ({ from, to, count }: ChangeBin) => `${from.toFixed(1)} to ${to.toFixed(1)}: ${count}`,
      }),
      Plot.ruleX([0], { className: "cs-reference", stroke: SECOND, strokeDasharray: "4,3" }),
      Plot.text(sums, {
        fy: "arm",
        text: "text",
        frameAnchor: "top-left",
        dx: 6,
        className: "cs-note",
        fill: MUTED,
      }),
    ],
  };
  return {
    ...figure,
    svg: drawFigure({ ...common, panels: [{ options }] }),
  };
}

/** 0 and the highest count: enough to read a short panel by. */
function countTicks(highest: number): number[] {
  return [0, highest];
}

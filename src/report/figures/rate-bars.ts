/** Multi-attempt and ESR rate of each arm, with the interval by latent and the counts behind them. */
import * as Plot from "@observablehq/plot";
import type { ArmSummary, RateSummary } from "../arm-summary.ts";
import { drawEmpty, drawFigure, FIGURE_WIDTH } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { labelRoom, shortLabel } from "./labels.ts";
import { ACCENT, MUTED } from "./palette.ts";
import { ticksTo } from "./ticks.ts";

const ROW = 24;
const MARGIN_RIGHT = 12;
/** Pixels of a digit. */
const COUNT_CHARACTER = 7;

interface RateRow {
  arm: string;
  measure: string;
  successes: number;
  n: number;
  percent: number | null;
  lower: number | null;
  upper: number | null;
}

export function rateBars({
  name,
  arms,
  level,
}: {
  name: string;
  arms: readonly Pick<ArmSummary, "arm" | "multiAttempt" | "esr">[];
  level: number;
}): Figure {
  const all = arms.flatMap(({ arm, multiAttempt, esr }) => [
    rateRow(arm, "multi-attempt", multiAttempt),
    rateRow(arm, "ESR", esr),
  ]);
  const rows = all.filter(({ percent }) => percent !== null);
  const title = "Multi-attempt and ESR rates";
  const description =
    `Share of each arm's scored trials with several attempts, and with a last attempt that scored higher than the first. Lines: ${100 * level} % intervals ` +
    "by latent. Right: trials counted, of trials scored.";
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["arm", "measure", "successes", "n", "percent", "lower_percent", "upper_percent"],
    rows: rows.map(({ arm, measure, successes, n, percent, lower, upper }) => [
      arm,
      measure,
      successes,
      n,
      percent,
      lower,
      upper,
    ]),
  };
  if (rows.length === 0) {
    return { ...figure, svg: drawEmpty({ ...common, message: "No scored trial." }) };
  }
  const highest = Math.max(1, ...rows.map(({ percent, upper }) => Math.max(percent ?? 0, upper ?? 0)));
  const bounded = rows.filter(({ lower, upper }) => lower !== null && upper !== null);
  const marginLeft = labelRoom(arms.map(({ arm }) => arm));
  const counts = Math.max(...all.map((row) => countText(row).length)) * COUNT_CHARACTER + 12;
  const panelWidth = ((FIGURE_WIDTH - marginLeft - MARGIN_RIGHT) / 2) * 0.94;
  const options: Plot.PlotOptions = {
    height: arms.length * ROW + 76,
    marginLeft,
    marginRight: MARGIN_RIGHT,
    marginTop: 30,
    marginBottom: 46,
    fx: { domain: ["multi-attempt", "ESR"], label: null, padding: 0.06 },
    x: {
      domain: [0, (highest * panelWidth) / Math.max(panelWidth / 4, panelWidth - counts)],
      ticks: ticksTo(highest),
      label: "per cent of scored trials",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      domain: arms.map(({ arm }) => arm),
      label: null,
      tickSize: 0,
      tickFormat: (arm: string) => shortLabel(arm),
    },
    marks: [
      Plot.gridX(ticksTo(highest), { className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 }),
      Plot.barX(rows, {
        fx: "measure",
        y: "arm",
        x: "percent",
        insetTop: 3,
        insetBottom: 3,
        className: "cs-bar",
        fill: ACCENT,
        fillOpacity: 0.35,
      }),
      Plot.ruleX([0], { stroke: "currentColor" }),
      Plot.ruleY(bounded, {
        fx: "measure",
        y: "arm",
        x1: "lower",
        x2: "upper",
        stroke: "currentColor",
        strokeWidth: 1.5,
      }),
      Plot.dot(rows, {
        fx: "measure",
        y: "arm",
        x: "percent",
        r: 4,
        className: "cs-data",
        fill: ACCENT,
        title: tooltip,
      }),
      Plot.text(all, {
        fx: "measure",
        y: "arm",
        text: countText,
        frameAnchor: "right",
        className: "cs-note",
        fill: MUTED,
      }),
    ],
  };
  return { ...figure, svg: drawFigure({ ...common, panels: [{ options }] }) };
}

function rateRow(arm: string, measure: string, { successes, n, estimate, byLatent }: RateSummary): RateRow {
  const percent = (share: number | null) => (share === null ? null : 100 * share);
  return {
    arm,
    measure,
    successes,
    n,
    percent: percent(estimate),
    lower: percent(byLatent.lower),
    upper: percent(byLatent.upper),
  };
}

function tooltip({ percent, lower, upper }: RateRow): string {
  return `${(percent ?? 0).toFixed(1)} %${lower === null || upper === null ? "" : ` [${lower.toFixed(1)}, ${upper.toFixed(1)}]`}`;
}

function countText({ successes, n }: RateRow): string {
  return `${successes}/${n}`;
}

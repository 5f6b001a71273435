/** First score, multi-attempt and ESR rate along a declared axis, for example dose: the arms' own numbers with their intervals, not smoothed. */
import * as Plot from "@observablehq/plot";
import type { Curve } from "../curves.ts";
import { drawEmpty, drawFigure, type Panel } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { ACCENT, MUTED } from "./palette.ts";

interface CurveRow {
  measure: string;
  x: number;
  arm: string;
  n: number;
  estimate: number;
  lower: number | null;
  upper: number | null;
  dose: number | null;
  kl: number | null;
}

const MEASURES = ["first score", "multi-attempt, %", "ESR, %"] as const;

export function curveFigure({
  name,
  curve,
  level,
}: {
  name: string;
  curve: Pick<Curve, "design" | "axis" | "points">;
  level: number;
}): Figure {
  const rows = rowsOf(curve);
  const title = `${curve.design}: along ${curve.axis}`;
  const description = `First score and rates of the arms in the order of ${curve.axis}, with ${100 * level} % intervals by latent. Lines join neighbours; nothing is smoothed.`;
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["measure", "x", "arm", "n", "estimate", "lower", "upper", "dose", "kl"],
    rows: rows.map(({ measure, x, arm, n, estimate, lower, upper, dose, kl }) => [
      measure,
      x,
      arm,
      n,
      estimate,
      lower,
      upper,
      dose,
      kl,
    ]),
  };
  if (rows.length === 0) {
    return { ...figure, svg: drawEmpty({ ...common, message: "No arm of this curve has a scored trial." }) };
  }
  const panels = MEASURES.flatMap((measure, i): Panel[] => {
    const own = rows.filter((row) => row.measure === measure);
    return own.length === 0
      ? []
      : [panel({ measure, rows: own, axis: curve.axis, isLast: i === MEASURES.length - 1 })];
  });
  return { ...figure, svg: drawFigure({ ...common, panels }) };
}

function panel({
  measure,
  rows,
  axis,
  isLast,
}: {
  measure: string;
  rows: CurveRow[];
  axis: string;
  isLast: boolean;
}): Panel {
  const xs = rows.map(({ x }) => x);
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  const pad = (most - least) * 0.04 || 1;
  const highest = Math.max(1, ...rows.map(({ estimate, upper }) => Math.max(estimate, upper ?? 0)));
  const top = measure === "first score" ? 100 : highest * 1.05;
  const bounded = rows.filter(({ lower, upper }) => lower !== null && upper !== null);
  const options: Plot.PlotOptions = {
    height: isLast ? 180 : 160,
    marginLeft: 52,
    marginRight: 20,
    marginTop: 8,
    marginBottom: isLast ? 46 : 26,
    x: {
      domain: [least - pad, most + pad],
      label: isLast ? axis : null,
      labelAnchor: "center",
      labelArrow: "none",
      ...(new Set(xs).size <= 8
        ? { ticks: [...new Set(xs)], tickFormat: (x: number) => String(Math.round(x * 1000) / 1000) }
        : {}),
    },
    y: { domain: [0, top], ticks: 4, label: null },
    marks: [
      Plot.gridY({ ticks: 4, className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 }),
      Plot.ruleY([0], { stroke: "currentColor" }),
      Plot.lineY(rows, { x: "x", y: "estimate", className: "cs-line", stroke: ACCENT, strokeWidth: 1.5 }),
      Plot.ruleX(bounded, { x: "x", y1: "lower", y2: "upper", stroke: "currentColor", strokeWidth: 1.5 }),
      Plot.dot(rows, {
        x: "x",
        y: "estimate",
        r: 4,
        className: "cs-data",
        fill: ACCENT,
        title: ({ arm, estimate, n }: CurveRow) => `${arm}: ${estimate.toFixed(1)}, n ${n}`,
      }),
    ],
  };
  return { title: measure, options };
}

function rowsOf({ points }: Pick<Curve, "points">): CurveRow[] {
  return points.flatMap(({ x, dose, kl, summary }) => {
    const { arm, firstScore, multiAttempt, esr } = summary;
    const values = [
      {
        measure: MEASURES[0],
        n: firstScore.n,
        scale: 1,
        estimate: firstScore.estimate,
        interval: firstScore,
      },
      {
        measure: MEASURES[1],
        n: multiAttempt.n,
        scale: 100,
        estimate: multiAttempt.estimate,
        interval: multiAttempt.byLatent,
      },
      { measure: MEASURES[2], n: esr.n, scale: 100, estimate: esr.estimate, interval: esr.byLatent },
    ];
    return values.flatMap(({ measure, n, scale, estimate, interval: { lower, upper } }): CurveRow[] =>
      estimate === null
        ? []
        : [
            {
              measure,
              x,
              arm,
              n,
              estimate: scale * estimate,
              lower: lower === null ? null : scale * lower,
              upper: upper === null ? null : scale * upper,
              dose,
              kl,
            },
          ],
    );
  });
}

/** Do two judges say the same? Each measure of agreement with its interval, a panel a pair. */
import * as Plot from "@observablehq/plot";
import { drawEmpty, drawFigure, type Panel } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { labelRoom, shortLabel } from "./labels.ts";
import { ACCENT, MUTED, SECOND } from "./palette.ts";

export interface AgreementMeasure {
  measure: string;
  /** Responses that it is made of. */
  n: number;
  /** At most 1; null where the data say nothing. */
  estimate: number | null;
  lower: number | null;
  upper: number | null;
}

export interface JudgePair {
  first: string;
  second: string;
  measures: readonly AgreementMeasure[];
}

type Shown = AgreementMeasure & { estimate: number };

export function agreementFigure({ name, pairs }: { name: string; pairs: readonly JudgePair[] }): Figure {
  const shown = pairs.map(({ measures, ...pair }) => ({
    ...pair,
    measures: measures.filter((each): each is Shown => each.estimate !== null),
  }));
  const title = "Agreement of judges";
  const description =
    "1 is full agreement; for kappa, alpha and correlations 0 (dashed) is what chance gives. Lines: 95 % intervals by latent. Right: responses.";
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["first", "second", "measure", "n", "estimate", "lower", "upper"],
    rows: shown.flatMap(({ first, second, measures }) =>
      measures.map(({ measure, n, estimate, lower, upper }) => [
        first,
        second,
        measure,
        n,
        estimate,
        lower,
        upper,
      ]),
    ),
  };
  if (figure.rows.length === 0) {
    return {
      ...figure,
      svg: drawEmpty({ ...common, message: "No two judges have judged the same responses." }),
    };
  }
  const marginLeft = labelRoom(
    shown.flatMap(({ measures }) => measures.map(({ measure }) => measure)),
    40,
  );
  const panels = shown
    .filter(({ measures }) => measures.length > 0)
    .map((pair) => panel({ pair, marginLeft }));
  return { ...figure, svg: drawFigure({ ...common, panels }) };
}

function panel({
  pair: { first, second, measures },
  marginLeft,
}: {
  pair: { first: string; second: string; measures: Shown[] };
  marginLeft: number;
}): Panel {
  const bounded = measures.filter(({ lower, upper }) => lower !== null && upper !== null);
  const least = Math.min(0, ...measures.flatMap(({ estimate, lower }) => [estimate, lower ?? 0]));
  const options: Plot.PlotOptions = {
    height: measures.length * 24 + 54,
    marginLeft,
    marginRight: 60,
    marginTop: 4,
    marginBottom: 42,
    x: {
      domain: [Math.max(-1, least - 0.05), 1.02],
      label: "agreement",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { domain: measures.map(({ measure }) => measure), label: null, tickSize: 0 },
    marks: [
      Plot.gridX({ className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 }),
      Plot.ruleX([0], { className: "cs-reference", stroke: SECOND, strokeDasharray: "4,3" }),
      Plot.ruleY(bounded, {
        y: "measure",
        x1: "lower",
        x2: "upper",
        stroke: "currentColor",
        strokeWidth: 1.5,
      }),
      Plot.dot(measures, {
        x: "estimate",
        y: "measure",
        r: 4.5,
        className: "cs-data",
        fill: ACCENT,
        title: ({ estimate }: Shown) => estimate.toFixed(3),
      }),
      Plot.text(measures, {
        y: "measure",
        text: ({ n }: Shown) => `n ${n}`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 10,
        className: "cs-note",
        fill: MUTED,
      }),
    ],
  };
  return { title: `${shortLabel(first, 44)} and ${shortLabel(second, 44)}`, options };
}

/** Paired arms: the difference of each comparison with its interval by latent, in panels that share a measure and what is compared against. */
import * as Plot from "@observablehq/plot";
import type { OutcomeName } from "../../store/analysis.ts";
import { drawEmpty, drawFigure, type Panel } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { labelRoom, shortLabel } from "./labels.ts";
import { ACCENT, MUTED, PAPER, SECOND } from "./palette.ts";

const ROW = 24;
const ALPHA = 0.05;

export interface PairedRow {
  reference: string;
  treatment: string;
  outcome: OutcomeName;
  pairs: number;
  /** Treatment less reference, in points. */
  difference: { estimate: number | null; lower: number | null; upper: number | null };
  /** By latent. */
  p: number;
}

type Shown = Omit<PairedRow, "difference"> & { estimate: number; lower: number | null; upper: number | null };

export function pairedFigure({
  name,
  family,
  isCorrected,
  rows,
}: {
  name: string;
  /** What the comparisons belong to. */
  family: string;
  /** Whether the p values are corrected over the family. */
  isCorrected: boolean;
  rows: readonly PairedRow[];
}): Figure {
  const shown = rows.flatMap(({ difference: { estimate, lower, upper }, ...row }): Shown[] =>
    estimate === null ? [] : [{ ...row, estimate, lower, upper }],
  );
  const title = `${family}: differences between paired arms`;
  const description =
    "Treatment less reference over the units that both have, in points, with the interval by latent; right of the dashed line the treatment is higher. " +
    `Filled: p below ${ALPHA} by latent${isCorrected ? ", corrected over the family" : ""}. Panels of one measure have one scale.`;
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["outcome", "treatment", "reference", "pairs", "difference", "lower", "upper", "p"],
    rows: shown.map(({ outcome, treatment, reference, pairs, estimate, lower, upper, p }) => [
      outcome,
      treatment,
      reference,
      pairs,
      estimate,
      lower,
      upper,
      p,
    ]),
  };
  if (shown.length === 0) {
    return {
      ...figure,
      svg: drawEmpty({ ...common, message: "No comparison has a pair of scored trials." }),
    };
  }
  const marginLeft = labelRoom(shown.map(({ treatment }) => treatment));
  const groups = [...Map.groupBy(shown, ({ outcome }) => outcome).values()].map((own) => ({
    span: spanOf(own),
    panels: [...Map.groupBy(own, ({ reference }) => reference).values()],
  }));
  const panels = groups.flatMap(({ span, panels: each }) =>
    each.map((own, i) => panel({ rows: own, span, marginLeft, isLast: i === each.length - 1 })),
  );
  return { ...figure, svg: drawFigure({ ...common, panels }) };
}

/** The largest distance from 0, so that 0 stands in the middle. */
function spanOf(rows: readonly Shown[]): number {
  return Math.max(
    1,
    ...rows.flatMap(({ estimate, lower, upper }) => [estimate, lower ?? 0, upper ?? 0].map(Math.abs)),
  );
}

interface PanelOptions {
  rows: Shown[];
  span: number;
  marginLeft: number;
  /** Of those with the same scale, which it names. */
  isLast: boolean;
}

function panel({ rows, span, marginLeft, isLast }: PanelOptions): Panel {
  const [first] = rows;
  const bounded = rows.filter(({ lower, upper }) => lower !== null && upper !== null);
  const mark = { x: "estimate", y: "treatment", r: 4.5, title: tooltip };
  const options: Plot.PlotOptions = {
    height: rows.length * ROW + (isLast ? 54 : 34),
    marginLeft,
    marginRight: 150,
    marginTop: 4,
    marginBottom: isLast ? 42 : 22,
    x: {
      domain: [-span * 1.05, span * 1.05],
      ticks: 6,
      label: isLast ? "difference, points" : null,
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      domain: rows.map(({ treatment }) => treatment),
      label: null,
      tickSize: 0,
      tickFormat: (arm: string) => shortLabel(arm),
    },
    marks: [
      Plot.gridX({ ticks: 6, className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 }),
      Plot.ruleX([0], { className: "cs-reference", stroke: SECOND, strokeDasharray: "4,3" }),
      Plot.ruleY(bounded, {
        y: "treatment",
        x1: "lower",
        x2: "upper",
        stroke: "currentColor",
        strokeWidth: 1.5,
      }),
      Plot.dot(
        rows.filter(({ p }) => p < ALPHA),
        { ...mark, className: "cs-data", fill: ACCENT },
      ),
      Plot.dot(
        rows.filter(({ p }) => !(p < ALPHA)),
        { ...mark, className: "cs-data-hollow", fill: PAPER, stroke: ACCENT, strokeWidth: 2 },
      ),
      Plot.text(rows, {
        y: "treatment",
        text: ({ p, pairs }: Shown) => `p ${p < 0.0001 ? "< 0.0001" : p.toFixed(4)}, ${pairs} pairs`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 10,
        className: "cs-note",
        fill: MUTED,
      }),
    ],
  };
  return { title: `${first?.outcome ?? ""}, against ${shortLabel(first?.reference ?? "")}`, options };
}

function tooltip({ estimate, lower, upper }: Shown): string {
  return `${estimate.toFixed(1)}${lower === null || upper === null ? "" : ` [${lower.toFixed(1)}, ${upper.toFixed(1)}]`}`;
}

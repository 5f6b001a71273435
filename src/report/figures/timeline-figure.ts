/** Means of recorded activations around the restart, a panel a group; what was not recorded is a gap, and nothing is smoothed. */
import * as Plot from "@observablehq/plot";
import { drawEmpty, drawFigure, type Panel } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { shortLabel } from "./labels.ts";
import { ACCENT, MUTED, SECOND } from "./palette.ts";

export interface TimelinePoint {
  group: string;
  /** Tokens from the restart phrase's first one. */
  offset: number;
  /** null where no episode has a value. */
  mean: number | null;
  lower: number | null;
  upper: number | null;
  /** Episodes. */
  n: number;
}

export function timelineFigure({
  name,
  title,
  points,
  level,
}: {
  name: string;
  title: string;
  points: readonly TimelinePoint[];
  level: number;
}): Figure {
  const measured = points.filter(({ mean }) => mean !== null);
  const description =
    `Mean over episodes at each token around the restart (0, dashed), with a ${100 * level} % band by steered latent. ` +
    "Each group has its own scale. Far from the restart fewer episodes have a token.";
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["group", "offset", "n", "mean", "lower", "upper"],
    rows: measured.map(({ group, offset, n, mean, lower, upper }) => [group, offset, n, mean, lower, upper]),
  };
  if (measured.length === 0) {
    return { ...figure, svg: drawEmpty({ ...common, message: "No episode with recorded activations." }) };
  }
  const offsets = points.map(({ offset }) => offset);
  const domain: [number, number] = [Math.min(...offsets) - 1, Math.max(...offsets) + 1];
  const groups = [...Map.groupBy(points, ({ group }) => group).values()].filter((own) =>
    own.some(({ mean }) => mean !== null),
  );
  const panels = groups.map((own, i) => panel({ points: own, domain, isLast: i === groups.length - 1 }));
  return { ...figure, svg: drawFigure({ ...common, panels }) };
}

function panel({
  points,
  domain,
  isLast,
}: {
  points: TimelinePoint[];
  domain: [number, number];
  isLast: boolean;
}): Panel {
  const ns = points.map(({ n }) => n);
  const least = Math.min(0, ...points.flatMap(({ mean, lower }) => [mean ?? 0, lower ?? 0]));
  const most = Math.max(1e-9, ...points.flatMap(({ mean, upper }) => [mean ?? 0, upper ?? 0]));
  const options: Plot.PlotOptions = {
    height: isLast ? 176 : 156,
    marginLeft: 58,
    marginRight: 16,
    marginTop: 8,
    marginBottom: isLast ? 46 : 26,
    x: {
      domain,
      label: isLast ? "tokens from the restart" : null,
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { domain: [least, most * 1.05], ticks: 4, label: null },
    marks: [
      Plot.gridY({ ticks: 4, className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 }),
      Plot.ruleY([0], { stroke: "currentColor" }),
      // a token without bounds breaks the band as one without a mean breaks the line
      Plot.areaY(points, {
        x: "offset",
        y1: "lower",
        y2: "upper",
        className: "cs-band",
        fill: ACCENT,
        fillOpacity: 0.2,
      }),
      Plot.ruleX([0], { className: "cs-reference", stroke: SECOND, strokeDasharray: "4,3" }),
      Plot.lineY(points, { x: "offset", y: "mean", className: "cs-line", stroke: ACCENT, strokeWidth: 1.5 }),
      Plot.dot(
        points.filter(({ mean }) => mean !== null),
        {
          x: "offset",
          y: "mean",
          r: 2,
          className: "cs-data",
          fill: ACCENT,
          title: ({ offset, mean, n }: TimelinePoint) => `${offset}: ${(mean ?? 0).toFixed(2)}, n ${n}`,
        },
      ),
    ],
  };
  const episodes =
    Math.min(...ns) === Math.max(...ns) ? `${ns[0]}` : `${Math.min(...ns)} to ${Math.max(...ns)}`;
  return { title: `${shortLabel(points[0]?.group ?? "", 60)} (${episodes} episodes a token)`, options };
}

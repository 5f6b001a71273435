/** Did the strength that was found for each latent do what was asked? First-attempt scores of fresh answers against the target. */
import * as Plot from "@observablehq/plot";
import { drawEmpty, drawFigure } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { labelRoom, shortLabel } from "./labels.ts";
import { ACCENT, MUTED, PAPER, SECOND } from "./palette.ts";

/** Latents that still get a name each. */
const NAMED = 60;
const TALLEST = 900;

export interface VerifiedThreshold {
  /** Of several searches for one latent. */
  calibration: string;
  latent: number;
  label: string | null;
  threshold: number;
  saturation: "low" | "high" | null;
  verification: { mean: number | null; n: number };
}

type Shown = Omit<VerifiedThreshold, "verification"> & { key: string; name: string; mean: number; n: number };

export function thresholdFigure({
  name,
  thresholds,
  target,
}: {
  name: string;
  thresholds: readonly VerifiedThreshold[];
  target: number | null;
}): Figure {
  const shown = thresholds
    .flatMap(({ verification: { mean, n }, ...rest }): Shown[] =>
      mean === null
        ? []
        : [{ ...rest, key: `${rest.calibration} ${rest.latent}`, name: nameOf(rest), mean, n }],
    )
    .toSorted((a, b) => a.mean - b.mean || a.latent - b.latent);
  const title = "Thresholds: what the strengths that were found did";
  const description =
    `Mean first-attempt score of fresh answers at each latent's threshold, the lowest above${target === null ? "" : `; dashed: the target, ${target}`}. ` +
    "Hollow: the threshold lies at an end of the searched range. Few answers a latent: single dots scatter.";
  const common = { name, title, description };
  const figure = {
    ...common,
    columns: ["calibration", "latent", "label", "threshold", "saturation", "verified_mean", "verified_n"],
    rows: shown.map(({ calibration, latent, label, threshold, saturation, mean, n }) => [
      calibration,
      latent,
      label,
      threshold,
      saturation,
      mean,
      n,
    ]),
  };
  if (shown.length === 0) {
    return { ...figure, svg: drawEmpty({ ...common, message: "No threshold was verified." }) };
  }
  const isNamed = shown.length <= NAMED;
  const names = new Map(shown.map(({ key, name: text }) => [key, text]));
  const mark = {
    x: "mean",
    y: "key",
    r: isNamed ? 4.5 : 3,
    title: ({ name: text, mean }: Shown) => `${text}: ${mean.toFixed(1)}`,
  };
  const options: Plot.PlotOptions = {
    height: Math.min(TALLEST, shown.length * (isNamed ? 22 : 6)) + 56,
    marginLeft: isNamed ? labelRoom([...names.values()], 36) : 20,
    marginRight: 60,
    marginTop: 8,
    marginBottom: 46,
    x: {
      domain: [0, 100],
      label: "mean score of fresh first attempts",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      type: "point",
      domain: shown.map(({ key }) => key),
      label: null,
      ...(isNamed
        ? { tickSize: 0, tickFormat: (key: string) => shortLabel(names.get(key) ?? key, 36) }
        : { axis: null }),
    },
    marks: [
      Plot.gridX({ className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 }),
      ...(isNamed ? [Plot.gridY({ className: "cs-grid", stroke: MUTED, strokeOpacity: 0.25 })] : []),
      ...(target === null
        ? []
        : [
            Plot.ruleX([target], {
              className: "cs-reference",
              stroke: SECOND,
              strokeDasharray: "4,3",
              strokeWidth: 1.5,
            }),
          ]),
      Plot.dot(
        shown.filter(({ saturation }) => saturation === null),
        { ...mark, className: "cs-data", fill: ACCENT },
      ),
      Plot.dot(
        shown.filter(({ saturation }) => saturation !== null),
        { ...mark, className: "cs-data-hollow", fill: PAPER, stroke: ACCENT, strokeWidth: 2 },
      ),
      ...(isNamed
        ? [
            Plot.text(shown, {
              y: "key",
              text: ({ n }: Shown) => `n ${n}`,
              frameAnchor: "right",
              textAnchor: "start",
              dx: 10,
              className: "cs-note",
              fill: MUTED,
            }),
          ]
        : []),
    ],
  };
  return { ...figure, svg: drawFigure({ ...common, panels: [{ options }] }) };
}

function nameOf({
  calibration,
  latent,
  label,
}: Pick<VerifiedThreshold, "calibration" | "latent" | "label">): string {
  const search = calibration === "steered" ? "" : ` (${calibration})`;
  return `${latent}${search}${label === null ? "" : ` ${label}`}`;
}

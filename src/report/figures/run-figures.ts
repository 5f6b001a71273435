/** All figures of one run, by the part of a report that shows them. */
import type { RunReport } from "../run-report.ts";
import { agreementFigure, type JudgePair } from "./agreement-figure.ts";
import type { ArmScores } from "./arm-scores.ts";
import { curveFigure } from "./curve-figure.ts";
import { type Figure, fileNamePart } from "./figure.ts";
import { firstScores } from "./first-scores.ts";
import { type PairedRow, pairedFigure } from "./paired-figure.ts";
import { rateBars } from "./rate-bars.ts";
import { scoreChanges } from "./score-changes.ts";
import { thresholdFigure } from "./threshold-figure.ts";
import { timelineFigure } from "./timeline-figure.ts";

export interface RunFigures {
  rates: Figure;
  firstScores: Figure;
  scoreChanges: Figure;
  /** One for each family, in their order; the detailed comparisons' where the run declares none. */
  paired: Figure[];
  /** In the order of the report's curves. */
  curves: Figure[];
  /** null where no threshold was searched. */
  thresholds: Figure | null;
  /** In the order of the report's activations. */
  timelines: Figure[];
  /** null where one judge alone has judged. */
  agreement: Figure | null;
}

export interface RunFiguresOptions {
  report: RunReport;
  scores: readonly ArmScores[];
  /** Agreement of every two judges. @default none */
  judgePairs?: readonly JudgePair[];
  /** Names of all figures begin with it: those of several runs must differ. @default "" */
  prefix?: string;
}

export function runFigures({ report, scores, judgePairs = [], prefix = "" }: RunFiguresOptions): RunFigures {
  const { summary, families, comparisons, curves, activations } = report;
  const { arms, level, margin, calibration, manifest } = summary;
  const { target } = manifest;
  const name = uniqueNames(prefix);
  const scoresOf = new Map(scores.map((each) => [each.arm, each.firstScores]));
  return {
    rates: rateBars({ name: name("rates"), arms, level }),
    firstScores: firstScores({
      name: name("first-scores"),
      arms: arms.map(({ arm, firstScore }) => ({
        arm,
        firstScores: scoresOf.get(arm) ?? [],
        mean: firstScore,
      })),
      target,
    }),
    scoreChanges: scoreChanges({ name: name("score-changes"), arms: scores, margin }),
    paired:
      families.length > 0
        ? families.map(({ design, rows }) =>
            pairedFigure({
              name: name(`paired-${fileNamePart(design)}`),
              family: design,
              isCorrected: true,
              rows: rows.map(({ pHolm, ...row }): PairedRow => ({ ...row, p: pHolm })),
            }),
          )
        : comparisons.length > 0
          ? [
              pairedFigure({
                name: name("paired"),
                family: "comparisons",
                isCorrected: false,
                rows: comparisons.flatMap(pairedRow),
              }),
            ]
          : [],
    curves: curves.map((curve) =>
      curveFigure({ name: name(`curve-${fileNamePart(curve.design)}`), curve, level }),
    ),
    thresholds:
      calibration.length === 0
        ? null
        : thresholdFigure({ name: name("thresholds"), thresholds: calibration, target }),
    timelines: activations.map(({ design, declared, aligned, level: band }) =>
      timelineFigure({
        name: name(`timeline-${fileNamePart(design)}`),
        title: `${design}: activations around the restart in ${declared.episodes.arm}`,
        level: band,
        points: aligned.flatMap(({ group, points }) =>
          points.map(({ offset, n, estimate, lower, upper }) => ({
            group,
            offset,
            n,
            mean: estimate,
            lower,
            upper,
          })),
        ),
      }),
    ),
    agreement:
      judgePairs.length === 0 ? null : agreementFigure({ name: name("judge-agreement"), pairs: judgePairs }),
  };
}

/** In the order in which a report shows them. */
export function allFigures(figures: RunFigures): Figure[] {
  const {
    rates,
    firstScores: first,
    scoreChanges: changes,
    paired,
    curves,
    thresholds,
    timelines,
    agreement,
  } = figures;
  return [rates, first, changes, ...paired, ...curves, thresholds, ...timelines, agreement].filter(
    (figure) => figure !== null,
  );
}

/** Two designs may come to one name; the second gets a number. */
function uniqueNames(prefix: string): (name: string) => string {
  const used = new Map<string, number>();
  return (name) => {
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    return `${prefix}${name}${times === 1 ? "" : `-${times}`}`;
  };
}

/** Arms without pairs have no paired difference. */
function pairedRow({
  reference,
  treatment,
  outcome,
  pairs,
  p,
  rates: { difference },
}: RunReport["comparisons"][number]): PairedRow[] {
  const points = (share: number | null) => (share === null ? null : 100 * share);
  const { estimate, lower, upper } = difference;
  return pairs === 0
    ? []
    : [
        {
          reference,
          treatment,
          outcome,
          pairs,
          difference: { estimate: points(estimate), lower: points(lower), upper: points(upper) },
          p,
        },
      ];
}

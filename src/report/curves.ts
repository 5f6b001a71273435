/** Rates along an axis, for example dose: the arms' own numbers in order, without smoothing; what was not measured has no row. */
import { declaredAnalyses } from "../store/analysis.ts";
import type { RunStore } from "../store/run-store.ts";
import type { ArmSummary } from "./arm-summary.ts";
import { bounds, fixed, percent, short } from "./number-text.ts";
import { renderTable } from "./render-table.ts";

export interface Curve {
  design: string;
  axis: string;
  /** In ascending order; intervals by latent are in each arm's summary. */
  points: { x: number; summary: ArmSummary }[];
}

/** Arms without a scored trial are left out. */
export function curvesOf({ store, arms }: { store: RunStore; arms: readonly ArmSummary[] }): Curve[] {
  const byName = new Map(arms.map((summary) => [summary.arm, summary]));
  return (declaredAnalyses({ store }) ?? []).flatMap(({ design, curves }) =>
    curves
      .map(({ axis, points }) => ({
        design,
        axis,
        points: points
          .flatMap(({ arm, x }) => {
            const summary = byName.get(arm);
            return summary === undefined || summary.counts.scored === 0 ? [] : [{ x, summary }];
          })
          .sort((a, b) => a.x - b.x),
      }))
      .filter(({ points }) => points.length > 0),
  );
}

export function curveText({ curve, color }: { curve: Curve; color: boolean }): string {
  const { design, axis, points } = curve;
  const table = renderTable({
    head: ["x", "arm", "n", "dose", "first score", "95 %", "multi-attempt", "95 %", "ESR", "95 %"],
    rows: points.map(({ x, summary }) => [
      short(x),
      summary.arm,
      String(summary.counts.scored),
      fixed(summary.dose.mean, 2),
      fixed(summary.firstScore.estimate),
      bounds(summary.firstScore),
      percent(summary.multiAttempt.estimate),
      bounds(summary.multiAttempt.byLatent, 100),
      percent(summary.esr.estimate),
      bounds(summary.esr.byLatent, 100),
    ]),
    color,
    align: ["right", "left", ...Array.from({ length: 8 }, () => "right" as const)],
  });
  return `Curve of \`${design}\`, x: ${axis}; intervals by latent, not smoothed\n${table}`;
}

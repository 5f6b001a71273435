/** Rates along an axis, for example dose: the arms' own numbers in order, without smoothing; what was not measured has no row. */
import { declaredAnalyses } from "../store/analysis.ts";
import { latentDivergences } from "../store/divergence.ts";
import type { ArmRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import type { ArmSummary } from "./arm-summary.ts";
import { bounds, fixed, percent, short } from "./number-text.ts";
import { renderTable } from "./render-table.ts";

const KL_TEXT = "steered from unsteered next-token distributions, on unsteered answers";

export interface Curve {
  design: string;
  axis: string;
  /** In ascending order; intervals by latent are in each arm's summary. */
  points: CurvePoint[];
}

export interface CurvePoint {
  x: number;
  /** The same arm on two other axes: mean `||h' - h|| / ||h||` of its receipts, and `meanDivergence`; null where not measured. */
  dose: number | null;
  kl: number | null;
  summary: ArmSummary;
}

/** Arms without a scored trial are left out. */
export function curvesOf({ store, arms }: { store: RunStore; arms: readonly ArmSummary[] }): Curve[] {
  const byName = new Map(arms.map((summary) => [summary.arm, summary]));
  const klOf = meanDivergence({ store });
  return (declaredAnalyses({ store }) ?? []).flatMap(({ design, curves }) =>
    curves
      .map(({ axis, points }) => ({
        design,
        axis,
        points: points
          .flatMap(({ arm, x }) => {
            const summary = byName.get(arm);
            if (summary === undefined || summary.counts.scored === 0) return [];
            return [{ x, dose: summary.dose.mean, kl: klOf(arm), summary }];
          })
          .sort((a, b) => a.x - b.x),
      }))
      .filter(({ points }) => points.length > 0),
  );
}

/**
 * Of an arm: mean over its trials of `KL(steered || unsteered)` in nats a token, as measured before the trials at each one's latent and strength.
 * null where a strength was not measured, or where the arm does more than to add the latent at every position.
 */
function meanDivergence({ store }: { store: RunStore }): (arm: string) => number | null {
  const measured = latentDivergences({ store });
  const plain = new Set(
    store
      .arms()
      .filter(isPlain)
      .map(({ name }) => name),
  );
  return (arm) => {
    if (measured.size === 0 || !plain.has(arm)) return null;
    const found = store
      .strengths({ arm })
      .map(({ latent, strength }) =>
        measured.get(latent ?? -1)?.points.find((point) => point.strength === strength),
      );
    return found.includes(undefined)
      ? null
      : found.reduce((sum, point) => sum + (point?.kl ?? 0), 0) / found.length;
  };
}

function isPlain({ content }: ArmRecord): boolean {
  const { steer, positions } = content;
  const more = ["ablate", "metaPrompt", "prefill", "adapter"].some((part) => content[part] !== undefined);
  return steer === "sae-latent" && positions === "all" && !more;
}

/** Heads and cells of a curve, a row a point; its first two columns are `x` and the arm. */
export function curveTable({ points }: Pick<Curve, "points">): { head: string[]; rows: string[][] } {
  const knowsKl = points.some(({ kl }) => kl !== null);
  return {
    head: [
      "x",
      "arm",
      "n",
      "dose",
      ...(knowsKl ? ["KL, nats a token"] : []),
      "first score",
      "95 %",
      "multi-attempt",
      "95 %",
      "ESR",
      "95 %",
    ],
    rows: points.map(({ x, dose, kl, summary }) => [
      short(x),
      summary.arm,
      String(summary.counts.scored),
      fixed(dose, 2),
      ...(knowsKl ? [fixed(kl, 2)] : []),
      fixed(summary.firstScore.estimate),
      bounds(summary.firstScore),
      percent(summary.multiAttempt.estimate),
      bounds(summary.multiAttempt.byLatent, 100),
      percent(summary.esr.estimate),
      bounds(summary.esr.byLatent, 100),
    ]),
  };
}

export function curveText({ curve, color }: { curve: Curve; color: boolean }): string {
  const { design, axis, points } = curve;
  const { head, rows } = curveTable(curve);
  const knowsKl = points.some(({ kl }) => kl !== null);
  const align = head.map((_, column) => (column === 1 ? ("left" as const) : ("right" as const)));
  const table = renderTable({ head, rows, color, align });
  return `Curve of \`${design}\`, x: ${axis}; intervals by latent, not smoothed${knowsKl ? `; KL: nats a token of ${KL_TEXT}` : ""}\n${table}`;
}

/** The whole report of one run: its summary, and every further arm against the first, paired by unit. */
import type { RunStore } from "../store/run-store.ts";
import { type ArmComparison, compareArms } from "./compare.ts";
import { comparisonText } from "./compare-text.ts";
import { type RunSummary, summarise } from "./summarise.ts";
import { summaryText } from "./table.ts";

export interface RunReport {
  summary: RunSummary;
  comparisons: ArmComparison[];
}

export interface RunReportOptions {
  store: RunStore;
  /** Success is last > first + margin, in score points. @default the run's own */
  margin?: number;
}

export function runReport({ store, margin }: RunReportOptions): RunReport {
  const chosen = margin === undefined ? {} : { margin };
  const summary = summarise({ store, ...chosen });
  const [first, ...others] = summary.arms.filter(({ counts }) => counts.judged > 0).map(({ arm }) => arm);
  const comparisons =
    first === undefined
      ? []
      : others.map((arm) =>
          compareArms({
            reference: { store, arm: first },
            treatment: { store, arm },
            outcome: "multi-attempt",
            ...chosen,
          }),
        );
  return { summary, comparisons };
}

export function runReportText({
  report,
  color,
  width,
}: {
  report: RunReport;
  color: boolean;
  width: number;
}): string {
  return [
    summaryText({ summary: report.summary, color, width }),
    ...report.comparisons.map((comparison) => comparisonText({ comparison, color })),
  ].join("\n\n");
}

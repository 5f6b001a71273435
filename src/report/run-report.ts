/** The whole report of one run: its summary, and the comparisons that it declares, or every further arm against the first, paired by unit. */

import type { ArmRecord } from "../store/records.ts";
import type { Imported } from "../store/reference/imported-event.ts";
import type { RunStore } from "../store/run-store.ts";
import { type ActivationReport, activationReports } from "./activations/activation-report.ts";
import { activationText } from "./activations/activation-text.ts";
import { type ArmComparison, compareArms } from "./compare.ts";
import { comparisonText } from "./compare-text.ts";
import { type Curve, curvesOf, curveText } from "./curves.ts";
import { type Family, familiesOf, familyText } from "./families.ts";
import { importedOf, importedText } from "./imported-note.ts";
import { type JudgeSpent, judgeSpent, judgeSpentText } from "./judge-spent.ts";
import { type RunSummary, summarise } from "./summarise.ts";
import { summaryText } from "./table.ts";

export interface RunReport {
  summary: RunSummary;
  /** What makes each arm differ. */
  arms: ArmRecord[];
  /** In detail; only of two arms, or where the run declares no comparisons. */
  comparisons: ArmComparison[];
  /** Declared comparisons, a family a design. */
  families: Family[];
  curves: Curve[];
  /** What designs make of recorded activations, with the data of their figures. */
  activations: ActivationReport[];
  /** null where the run was made here. */
  imported: Imported | null;
  /** null for a judge that costs nothing. */
  judgeSpent: JudgeSpent | null;
}

export interface RunReportOptions {
  store: RunStore;
  /** Success is last > first + margin, in score points. @default the run's own */
  margin?: number;
  /** `name/version` of the judge whose judgements count. @default the run's own */
  judge?: string;
}

export function runReport({ store, margin, judge }: RunReportOptions): RunReport {
  const chosen = { ...(margin === undefined ? {} : { margin }), ...(judge === undefined ? {} : { judge }) };
  const summary = summarise({ store, ...chosen });
  const [first, ...others] = summary.arms.filter(({ counts }) => counts.judged > 0).map(({ arm }) => arm);
  const families = familiesOf({ store, ...chosen });
  const comparisons =
    first === undefined || (families.length > 0 && others.length > 1)
      ? []
      : others.map((arm) =>
          compareArms({
            reference: { store, arm: first },
            treatment: { store, arm },
            outcome: "multi-attempt",
            ...chosen,
          }),
        );
  return {
    summary,
    arms: store.arms(),
    comparisons,
    families,
    curves: curvesOf({ store, arms: summary.arms }),
    activations: activationReports({ store, ...chosen }),
    imported: importedOf({ store }),
    judgeSpent: judgeSpent({ store, judge: summary.judge }),
  };
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
  const { imported } = report;
  return [
    ...(imported === null ? [] : [importedText({ imported, width })]),
    summaryText({ summary: report.summary, color, width }),
    ...report.comparisons.map((comparison) => comparisonText({ comparison, color })),
    // of two arms the one comparison stands above in detail
    ...report.families
      .filter(({ rows, absent }) => report.comparisons.length === 0 || rows.length + absent.length > 1)
      .map((family) => familyText({ family, color })),
    ...report.curves.map((curve) => curveText({ curve, color })),
    ...report.activations.map((each) => activationText({ report: each, color, width })),
    ...(report.judgeSpent === null ? [] : [judgeSpentText(report.judgeSpent)]),
  ].join("\n\n");
}

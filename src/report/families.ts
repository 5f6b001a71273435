/** The comparisons that a run was declared to make: each design's as one family, with Holm's correction over it. */
import { holm } from "../stats/holm.ts";
import type { Interval } from "../stats/interval.ts";
import {
  type DeclaredAnalysis,
  type DeclaredComparison,
  declaredAnalyses,
  type OutcomeName,
} from "../store/analysis.ts";
import type { RunStore } from "../store/run-store.ts";
import { compareArms } from "./compare.ts";
import { bounds, fixed } from "./number-text.ts";
import { storedFacts } from "./outcomes.ts";
import { pairArms } from "./pair-arms.ts";
import { pairedScores } from "./paired-scores.ts";
import { renderTable } from "./render-table.ts";

export interface FamilyRow {
  reference: string;
  treatment: string;
  outcome: OutcomeName;
  /** Units scored in both arms. */
  pairs: number;
  /** Rates in per cent, or mean scores, over the pairs. */
  values: { reference: number | null; treatment: number | null };
  /** Treatment less reference, in points, by latent. */
  difference: Pick<Interval, "estimate" | "lower" | "upper" | "method">;
  /** Of the permutation test by latent. */
  p: number;
  /** Over the rows of the family. */
  pHolm: number;
}

export interface Family {
  design: string;
  /** Only comparisons that have a pair. */
  rows: FamilyRow[];
  /** Declared, and without a unit that is scored in both arms; they are in no correction. */
  absent: DeclaredComparison[];
}

export interface FamiliesOptions {
  store: RunStore;
  margin?: number;
  judge?: string;
  /** @default 0.95 */
  level?: number;
}

/** Empty for a run that declares no comparison. */
export function familiesOf(options: FamiliesOptions): Family[] {
  const analyses = declaredAnalyses({ store: options.store }) ?? [];
  return analyses
    .filter(({ comparisons }) => comparisons.length > 0)
    .map((analysis) => familyOf({ ...options, analysis }));
}

function familyOf({ analysis, ...options }: FamiliesOptions & { analysis: DeclaredAnalysis }): Family {
  const { design, comparisons } = analysis;
  const tested = comparisons.map((declared) => ({ declared, row: rowOf({ ...options, declared }) }));
  const rows = tested.flatMap(({ row }) => (row === null ? [] : [row]));
  const corrected = holm({ p: rows.map(({ p }) => p) });
  return {
    design,
    rows: rows.map((row, i) => ({ ...row, pHolm: corrected[i] ?? 1 })),
    absent: tested.filter(({ row }) => row === null).map(({ declared }) => declared),
  };
}

function rowOf({
  declared,
  store,
  level = 0.95,
  ...chosen
}: FamiliesOptions & { declared: DeclaredComparison }): Omit<FamilyRow, "pHolm"> | null {
  const { reference, treatment, outcome } = declared;
  if (outcome === "multi-attempt" || outcome === "esr") {
    const compared = compareArms({
      reference: { store, arm: reference },
      treatment: { store, arm: treatment },
      outcome,
      level,
      ...chosen,
    });
    if (compared.pairs === 0) return null;
    const { rates, pairs, permutation } = compared;
    const percent = (share: number | null) => (share === null ? null : 100 * share);
    const { estimate, lower, upper, method } = rates.difference;
    return {
      ...declared,
      pairs,
      values: { reference: percent(rates.referenceRate), treatment: percent(rates.treatmentRate) },
      difference: { estimate: percent(estimate), lower: percent(lower), upper: percent(upper), method },
      p: permutation.p,
    };
  }
  const facts = storedFacts({ store, judge: chosen.judge });
  const pairs = pairArms({ first: facts.arm(reference), second: facts.arm(treatment) });
  const scores = pairedScores({ pairs, end: outcome === "first-score" ? "first" : "last", level });
  if (scores.pairs === 0) return null;
  return {
    ...declared,
    pairs: scores.pairs,
    values: { reference: scores.reference, treatment: scores.treatment },
    difference: scores.difference,
    p: scores.p,
  };
}

export function familyText({ family, color }: { family: Family; color: boolean }): string {
  const { design, rows, absent } = family;
  const unit = (outcome: OutcomeName) => (outcome === "multi-attempt" || outcome === "esr" ? " %" : "");
  const shown = (value: number | null, outcome: OutcomeName) =>
    value === null ? "-" : `${fixed(value)}${unit(outcome)}`;
  const tests = rows.length === 1 ? "one test" : `${rows.length} tests, Holm over all of them`;
  return [
    `Comparisons of the family \`${design}\`: ${rows.length === 0 ? "no data" : tests}; paired by unit, intervals and p by latent`,
    ...(rows.length === 0
      ? []
      : [
          renderTable({
            head: [
              "comparison",
              "measure",
              "pairs",
              "reference",
              "treatment",
              "difference",
              "95 %",
              "p",
              "p Holm",
            ],
            rows: rows.map((row) => [
              `${row.treatment} - ${row.reference}`,
              row.outcome,
              String(row.pairs),
              shown(row.values.reference, row.outcome),
              shown(row.values.treatment, row.outcome),
              fixed(row.difference.estimate),
              bounds(row.difference),
              fixed(row.p, 4),
              fixed(row.pHolm, 4),
            ]),
            color,
            align: ["left", "left", "right", "right", "right", "right", "right", "right", "right"],
          }),
        ]),
    ...(absent.length === 0
      ? []
      : [
          `Without a pair of scored trials: ${absent.map((each) => `${each.treatment} - ${each.reference} (${each.outcome})`).join(", ")}.`,
        ]),
  ].join("\n");
}

import { expect, test } from "vitest";
import { eachEmptyRun } from "../../test/support/empty-run.ts";
import { attemptRecords, judgementRecord, trialRecord } from "../../test/support/run-records.ts";
import { ANALYSIS_EVENT, type DeclaredAnalysis } from "../store/analysis.ts";
import type { RunStore } from "../store/run-store.ts";
import { familyText } from "./families.ts";
import { runReport, runReportText } from "./run-report.ts";

let store: RunStore;
eachEmptyRun((empty) => {
  store = empty;
});

const UNITS = 40;

/** Scores by unit; units lie in eight latents. */
function put(arm: string, scoresOf: (unit: number) => number[]): void {
  store.transaction(() => {
    for (let unit = 0; unit < UNITS; unit++) {
      const key = `${arm}-${unit}`;
      store.putTrial(trialRecord({ key, arm, unit: `unit ${unit}`, latent: unit % 8 }));
      store.putJudgement(judgementRecord({ trialKey: key, attempts: attemptRecords(scoresOf(unit)) }));
    }
  });
}

function declare(...analyses: DeclaredAnalysis[]): void {
  const arms = analyses.flatMap(({ comparisons, curves }) => [
    ...comparisons.flatMap(({ reference, treatment }) => [reference, treatment]),
    ...curves.flatMap(({ points }) => points.map(({ arm }) => arm)),
  ]);
  store.putArms([...new Set(arms)].map((name) => ({ name, content: { name } })));
  store.putEvent({ kind: ANALYSIS_EVENT, detail: analyses });
}

const compare = (treatment: string, outcome: DeclaredAnalysis["comparisons"][number]["outcome"]) => ({
  reference: "steered",
  treatment,
  outcome,
});

test("each design's comparisons are a family of its own, corrected by Holm over those that have pairs", () => {
  declare(
    {
      design: "ablation",
      comparisons: [
        compare("ablated", "multi-attempt"),
        compare("ablated", "first-score"),
        compare("random", "multi-attempt"),
      ],
      curves: [],
    },
    { design: "dose", comparisons: [compare("weak", "last-score")], curves: [] },
  );
  put("steered", (unit) => (unit % 5 < 3 ? [20, 60] : [20]));
  put("ablated", (unit) => (unit % 20 === 0 ? [30, 60] : [30]));
  put("weak", () => [90]);
  const { families, comparisons } = runReport({ store });
  expect(comparisons).toEqual([]);
  const [ablation, dose] = families;
  expect(ablation?.rows.map(({ treatment, outcome }) => [treatment, outcome])).toEqual([
    ["ablated", "multi-attempt"],
    ["ablated", "first-score"],
  ]);
  expect(ablation?.absent).toEqual([compare("random", "multi-attempt")]);
  for (const { p, pHolm, pairs } of ablation?.rows ?? []) {
    expect(pairs).toBe(UNITS);
    expect(p).toBeLessThan(0.05);
    expect(pHolm).toBeGreaterThan(p);
  }
  expect(ablation?.rows[1]).toMatchObject({
    values: { reference: 20, treatment: 30 },
    difference: { estimate: expect.closeTo(10, 9) },
  });
  const [row] = dose?.rows ?? [];
  expect(row?.pHolm).toBe(row?.p);
  const text = families.map((family) => familyText({ family, color: false })).join("\n");
  expect(text).toContain("family `ablation`");
  expect(text).toContain("Without a pair of scored trials: random - steered (multi-attempt).");
});

test("a curve has its arms in order, and none for what was not measured", () => {
  const points = [
    { arm: "strong", x: 1.5 },
    { arm: "weak", x: 0.5 },
    { arm: "never run", x: 1.25 },
    { arm: "steered", x: 1 },
  ];
  declare({ design: "dose", comparisons: [], curves: [{ axis: "times the threshold", points }] });
  put("weak", () => [90]);
  put("steered", (unit) => (unit % 4 === 0 ? [20, 60] : [20]));
  put("strong", () => [5]);
  const report = runReport({ store });
  expect(report.curves[0]?.points.map(({ x, summary }) => [x, summary.multiAttempt.estimate])).toEqual([
    [0.5, 0],
    [1, 0.25],
    [1.5, 0],
  ]);
  const text = runReportText({ report, color: false, width: 100 });
  expect(text).toContain("Curve of `dose`");
  expect(text.slice(text.indexOf("Curve of"))).not.toContain("never run");
});

test("a run that declares nothing is reported as before", () => {
  put("unsteered", () => [90]);
  put("steered", (unit) => (unit % 5 < 3 ? [20, 60] : [20]));
  const { families, curves, comparisons } = runReport({ store });
  expect([families, curves]).toEqual([[], []]);
  expect(comparisons).toHaveLength(1);
});

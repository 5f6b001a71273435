/** What a run was declared to compare, kept as an event when it begins, so that a report needs nothing but the store. */
import { z } from "zod";
import type { RunStore } from "./run-store.ts";

export const ANALYSIS_EVENT = "analysis";

export const OUTCOMES = ["multi-attempt", "esr", "first-score", "last-score"] as const;
export type OutcomeName = (typeof OUTCOMES)[number];

const comparisonSchema = z.strictObject({
  reference: z.string().min(1),
  treatment: z.string().min(1),
  outcome: z.enum(OUTCOMES),
});
export type DeclaredComparison = z.infer<typeof comparisonSchema>;

const curveSchema = z.strictObject({
  /** What the arms are ordered by, for example "times the threshold". */
  axis: z.string().min(1),
  points: z.array(z.strictObject({ arm: z.string().min(1), x: z.number() })),
});
export type DeclaredCurve = z.infer<typeof curveSchema>;

export const analysisSchema = z.strictObject({
  design: z.string().min(1),
  /** One family: their p values are corrected together. */
  comparisons: z.array(comparisonSchema),
  curves: z.array(curveSchema),
});
export type DeclaredAnalysis = z.infer<typeof analysisSchema>;

/** In the order of the designs; null for a run that says nothing, one of an earlier version or an imported one. */
export function declaredAnalyses({ store }: { store: RunStore }): DeclaredAnalysis[] | null {
  const [event] = store.events({ kind: ANALYSIS_EVENT });
  const parsed = z.array(analysisSchema).safeParse(event?.detail);
  return parsed.success ? parsed.data : null;
}

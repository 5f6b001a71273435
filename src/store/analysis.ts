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

export const REGIONS = ["off-topic", "correction", "on-topic"] as const;
export type RegionName = (typeof REGIONS)[number];

const groupSchema = z.strictObject({
  name: z.string().min(1),
  latents: z.array(z.int().min(0)).min(1),
  /** What is tested over episodes: the mean in `first` less that in `second`. */
  first: z.enum(REGIONS),
  second: z.enum(REGIONS),
  alternative: z.enum(["greater", "less"]),
});
export type DeclaredGroup = z.infer<typeof groupSchema>;

const activationsSchema = z.strictObject({
  /** Name under which arms keep their recording. */
  recording: z.string().min(1),
  groups: z.array(groupSchema),
  episodes: z.strictObject({
    arm: z.string().min(1),
    /** Whether the last attempt must score higher than the first, by the run's margin. */
    improved: z.boolean(),
    /** `one`: exactly two attempts, as in the paper. `first`: more as well, and the first restart counts. */
    restarts: z.enum(["one", "first"]),
  }),
  /**
   * Answers without a restart. By `position`: those that score below the target, at the tokens where the episodes are off topic. By `unit`:
   * whatever they score, at the tokens of their own unit's episode.
   */
  noRestart: z.strictObject({ arm: z.string().min(1), by: z.enum(["position", "unit"]) }).nullable(),
  /** Answers that score at least `leastScore`; null has none. */
  baseline: z.strictObject({ arm: z.string().min(1), leastScore: z.number().min(0).max(100) }).nullable(),
  /** Tokens around the restart's first token, `[from, to)`. */
  window: z.tuple([z.int(), z.int()]).refine(([from, to]) => from < to, "from < to"),
});
export type DeclaredActivations = z.infer<typeof activationsSchema>;

export const analysisSchema = z.strictObject({
  design: z.string().min(1),
  /** One family: their p values are corrected together. */
  comparisons: z.array(comparisonSchema),
  curves: z.array(curveSchema),
  /** Absent where the design records none. */
  activations: z.array(activationsSchema).exactOptional(),
});
export type DeclaredAnalysis = z.infer<typeof analysisSchema>;

/** In the order of the designs; null for a run that says nothing, one of an earlier version or an imported one. */
export function declaredAnalyses({ store }: { store: RunStore }): DeclaredAnalysis[] | null {
  const [event] = store.events({ kind: ANALYSIS_EVENT });
  const parsed = z.array(analysisSchema).safeParse(event?.detail);
  return parsed.success ? parsed.data : null;
}

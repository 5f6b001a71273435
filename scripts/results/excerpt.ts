/** What is published of a run: each design with its arms' rates, comparisons and curves. */
import { z } from "zod";
import { activationsSchema } from "./activations.ts";

const bound = z.number().nullable();
const interval = z.object({ estimate: bound, lower: bound, upper: bound });
const rate = z.object({
  successes: z.number(),
  n: z.number(),
  estimate: bound,
  byLatent: z.object({ lower: bound, upper: bound }),
});

const armSchema = z.object({
  arm: z.string(),
  counts: z.object({
    generated: z.number(),
    errored: z.number(),
    judged: z.number(),
    scored: z.number(),
    noAttempt: z.number(),
    refused: z.number(),
    empty: z.number(),
    unparsable: z.number(),
    failed: z.number(),
    degraded: z.number(),
    multiAttempt: z.number(),
    improved: z.number(),
  }),
  clusters: z.number(),
  firstScore: interval,
  multiAttempt: rate,
  esr: rate,
  dose: z.object({ mean: bound, n: z.number() }),
});
export type PublishedArm = z.infer<typeof armSchema>;

const rowSchema = z.object({
  reference: z.string(),
  treatment: z.string(),
  outcome: z.string(),
  pairs: z.number(),
  values: z.object({ reference: bound, treatment: bound }),
  difference: interval,
  p: z.number(),
  pHolm: z.number(),
});

const reportSchema = z.object({
  summary: z.object({
    manifest: z.object({
      config: z.record(z.string(), z.unknown()),
      model: z.object({ architecture: z.string(), weightType: z.string(), fileHash: z.string() }),
      sae: z.object({ hash: z.string(), layer: z.number() }),
      judge: z.object({ id: z.string() }),
      packageVersion: z.string(),
      gitCommit: z.string().nullable(),
    }),
    margin: z.number(),
    arms: z.array(armSchema),
  }),
  families: z.array(z.object({ design: z.string(), rows: z.array(rowSchema) })),
  curves: z.array(
    z.object({
      design: z.string(),
      axis: z.string(),
      points: z.array(z.object({ x: z.number(), summary: armSchema })),
    }),
  ),
  /** Absent from reports of an earlier version. */
  activations: z.array(activationsSchema).default([]),
});

export const designResultSchema = z.object({
  design: z.string(),
  /** File of the run's settings. */
  config: z.string(),
  provenance: z.object({
    model: z.string(),
    modelHash: z.string(),
    saeHash: z.string(),
    layer: z.number(),
    judge: z.string(),
    margin: z.number(),
    version: z.string(),
    commit: z.string().nullable(),
  }),
  arms: z.array(armSchema),
  comparisons: z.array(rowSchema),
  curves: z.array(
    z.object({ axis: z.string(), points: z.array(z.object({ x: z.number(), arm: z.string() })) }),
  ),
  activations: z.array(activationsSchema).default([]),
});
export type DesignResult = z.infer<typeof designResultSchema>;

/** One result for each design of the run, from the answer of `report --json`. `esr` has the steered arm alone. */
export function excerpt({ report, config }: { report: unknown; config: string }): DesignResult[] {
  const { summary, families, curves, activations } = reportSchema.parse(report);
  const { manifest, margin, arms } = summary;
  const { model, sae, judge, packageVersion, gitCommit } = manifest;
  const provenance = {
    model: `${model.architecture} ${model.weightType}`,
    modelHash: model.fileHash,
    saeHash: sae.hash,
    layer: sae.layer,
    judge: judge.id,
    margin,
    version: packageVersion,
    commit: gitCommit,
  };
  return designsOf(manifest.config).map((design) => {
    const comparisons = families.filter((each) => each.design === design).flatMap(({ rows }) => rows);
    const lines = curves.filter((each) => each.design === design);
    const named = new Set([
      ...comparisons.flatMap(({ reference, treatment }) => [reference, treatment]),
      ...lines.flatMap(({ points }) => points.map(({ summary: { arm } }) => arm)),
    ]);
    return {
      design,
      config,
      provenance,
      arms: arms.filter(({ arm }) => (named.size === 0 ? arm === "steered" : named.has(arm))),
      comparisons,
      curves: lines.map(({ axis, points }) => ({
        axis,
        points: points.map(({ x, summary: { arm } }) => ({ x, arm })),
      })),
      activations: activations.filter((each) => each.design === design),
    };
  });
}

const choicesSchema = z.array(z.union([z.string(), z.object({ name: z.string() })]));

function designsOf({ designs }: Record<string, unknown>): string[] {
  return choicesSchema.parse(designs).map((choice) => (typeof choice === "string" ? choice : choice.name));
}

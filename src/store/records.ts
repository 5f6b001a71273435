/** The records of a run: what goes into the store and what comes back, checked both ways. */
import { z } from "zod";

const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array, "not an Int32Array");
const count = z.int().min(0);

export const receiptSchema = z.strictObject({
  layer: count,
  rowsEdited: count,
  promptRows: count,
  generatedRows: count,
  meanDose: z.number(),
  meanNormBefore: z.number(),
  meanNormAfter: z.number(),
  edits: z.array(
    z.strictObject({
      kind: z.enum(["add", "clamp", "replace"]),
      latent: count.nullable(),
      rowsChanged: count,
      meanValueBefore: z.number().nullable(),
      meanValueAfter: z.number().nullable(),
      meanSquaredError: z.number().exactOptional(),
    }),
  ),
});

export const JUDGEMENT_STATUSES = [
  "scored",
  "no-attempt",
  "empty",
  "refused",
  "unparsable",
  "failed",
] as const;
export type JudgementStatus = (typeof JUDGEMENT_STATUSES)[number];

/** `[start, end)` of the response in UTF-16 units; scores 0-100, null where the attempt could not be scored. */
export const attemptSchema = z.strictObject({
  start: count,
  end: count,
  restartPhrase: z.string().min(1).nullable(),
  score: z.number().min(0).max(100).nullable(),
  components: z.record(z.string(), z.number()),
});
export type AttemptRecord = z.infer<typeof attemptSchema>;

const verdictFields = {
  /** Name and version of the judge. */
  judge: z.string().min(1),
  status: z.enum(JUDGEMENT_STATUSES),
  attempts: z.array(attemptSchema),
  detail: z.record(z.string(), z.json()),
};

/** A judge failure is not a score, and a score is not a failure (DESIGN.md, invariant 7). */
function agrees({ status, attempts }: { status: JudgementStatus; attempts: AttemptRecord[] }): boolean {
  const scored = attempts.some(({ score }) => score !== null);
  const failed = status !== "scored" && status !== "no-attempt";
  return scored === (status === "scored") && !(failed && attempts.length > 0);
}
const DISAGREES = "`scored` needs a scored attempt, any other status none; a judge failure has no attempts";

const verdictSchema = z.strictObject(verdictFields).refine(agrees, DISAGREES);

export const judgementSchema = z
  .strictObject({ trialKey: z.string().min(1), repeat: count, ...verdictFields, createdAt: z.iso.datetime() })
  .refine(agrees, DISAGREES);
export type JudgementRecord = z.infer<typeof judgementSchema>;

/** `unknown` in imported runs only. */
export const FINISH_REASONS = ["stop", "length", "stop-string", "unknown"] as const;

export const trialSchema = z
  .strictObject({
    key: z.string().min(1),
    arm: z.string().min(1),
    /** What the arms share; unique within an arm, so that trials can be paired. */
    unit: z.string().min(1),
    latent: count.nullable(),
    strength: z.number(),
    promptIndex: count,
    prompt: z.string(),
    seed: count,
    /** The response; empty where the trial failed. */
    text: z.string(),
    tokens: int32,
    /** UTF-16 offset at which each token begins, `[tokens]`. */
    offsets: int32,
    /** null where the trial failed. */
    finish: z.enum(FINISH_REASONS).nullable(),
    promptTokens: count,
    receipt: receiptSchema.nullable(),
    degraded: z.boolean(),
    /** Why there is no response; null where there is one. */
    error: z.json(),
    createdAt: z.iso.datetime(),
  })
  .refine(({ tokens, offsets }) => tokens.length === offsets.length, "every token needs an offset")
  .refine(
    ({ finish, error }) => (finish === null) === (error !== null),
    "a trial has a finish reason or an error",
  );
export type TrialRecord = z.infer<typeof trialSchema>;

export const armSchema = z.strictObject({
  name: z.string().min(1),
  content: z.record(z.string(), z.json()),
});
export type ArmRecord = z.infer<typeof armSchema>;

export const latentSchema = z.strictObject({
  latent: count,
  /** Why the run holds the latent: `steered`, `detector`, `control`. */
  role: z.string().min(1).default("steered"),
  label: z.string().nullable(),
  detail: z.record(z.string(), z.json()).default({}),
});
export type LatentRecord = z.infer<typeof latentSchema>;

/** Which of several searches for the same latent: an adapter or an ablation may have its own. */
const calibration = z.string().min(1).default("steered");

export const thresholdSampleSchema = z.strictObject({
  key: z.string().min(1),
  calibration,
  latent: count,
  purpose: z.enum(["search", "verify"]),
  query: count,
  sample: count,
  strength: z.number(),
  promptIndex: count,
  seed: count,
  response: z.string(),
  tokens: int32,
  /** First-attempt score 0-100; null where it could not be scored. */
  score: z.number().min(0).max(100).nullable(),
  judgement: verdictSchema.nullable(),
  receipt: receiptSchema.nullable(),
  error: z.json(),
});
export type ThresholdSampleRecord = z.infer<typeof thresholdSampleSchema>;

export const thresholdSchema = z.strictObject({
  calibration,
  latent: count,
  strength: z.number(),
  /** 90 % credible interval of the strength. */
  lower: z.number(),
  upper: z.number(),
  queries: z.array(z.strictObject({ strength: z.number(), scores: z.array(z.number()) })),
  stopped: z.enum(["narrow", "max-queries", "unscorable"]),
  warning: z.enum(["low", "high"]).nullable(),
  /** First-attempt scores of fresh samples at the threshold. */
  verification: z.array(z.number()),
});
export type ThresholdRecord = z.infer<typeof thresholdSchema>;

export const eventSchema = z.strictObject({
  at: z.iso.datetime(),
  kind: z.string().min(1),
  detail: z.json(),
});
export type EventRecord = z.infer<typeof eventSchema>;

export interface ActivationsRecord {
  trialKey: string;
  /** What was read, for example `detectors`. */
  name: string;
  rows: number;
  /** Latent of each column. */
  columns: number[];
  /** `[rows, columns]`, row-major; stored with 11 significant bits. */
  values: Float32Array;
}

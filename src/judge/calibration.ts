/**
 * What turns a span's mean topicality into 0-100, for one model and one contrast set (DESIGN.md 7).
 * The anchors come from the model's own unsteered answers (on topic), the same answers judged against other prompts (off topic), and
 * the same answers with their tokens shuffled (not fluent).
 *
 * Anchors are kept by length, because an answer repeats its question's words at first: over 5 tokens the model's answers measure several
 * times the topicality that they have over 100. One pair of anchors would score short attempts far too extremely.
 */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { quantileSorted } from "../stats/quantile.ts";
import { spanMean } from "./topicality.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Mean topicality of `tokens` tokens, in nats a token: median of answers, median of deranged answers. */
const AnchorSchema = z.strictObject({ tokens: z.number().int().positive(), on: z.number(), off: z.number() });
export type TopicalityAnchor = z.infer<typeof AnchorSchema>;

export const CalibrationSchema = z.strictObject({
  version: z.literal(1),
  /** The model whose log-probabilities were used. */
  model: z.strictObject({ fileHash: sha256, weightType: z.string(), weightMode: z.string() }),
  /** The contrast prompts as tokens, template included, and how many of them each response is compared with. */
  contrast: z.strictObject({ hash: sha256, size: z.number().int().positive() }),
  /** The answers that the anchors were taken from. */
  answers: z.strictObject({ hash: sha256, count: z.number().int().positive() }),
  seed: z.number().int().nonnegative(),
  /** Anchors of the first so many tokens of an answer, ascending by length. */
  topicality: z.array(AnchorSchema).min(1),
  /** Mean log-probability in nats a token: where fluency is 1, where it is 0. */
  fluency: z.strictObject({ one: z.number(), zero: z.number() }),
});
export type Calibration = z.infer<typeof CalibrationSchema>;

export type CalibrationIdentity = Pick<Calibration, "model" | "contrast">;

/** A fluent answer is at least this quantile of unsteered answers. */
const FLUENT_QUANTILE = 0.05;

const ANCHOR_LENGTHS = [5, 8, 12, 20, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const;

export interface AnchorOptions {
  /** Topicality curve of each unsteered answer, `[answers][tokens]`. */
  on: readonly Float32Array[];
  /** The same under another answer's prompt. */
  off: readonly Float32Array[];
  /** Mean log-probability of each unsteered answer under its own prompt. */
  fluent: readonly number[];
  /** The same with the answer's tokens shuffled. */
  shuffled: readonly number[];
}

/**
 * Lengths that fewer than half of the answers reach have no anchor: long answers are answers to particular prompts.
 * Throws JUDGE_UNCALIBRATED if the answers can't be told from deranged or shuffled ones.
 */
export function anchors({
  on,
  off,
  fluent,
  shuffled,
}: AnchorOptions): Pick<Calibration, "topicality" | "fluency"> {
  const topicality = ANCHOR_LENGTHS.filter(
    (tokens) => on.filter(({ length }) => length >= tokens).length * 2 >= Math.max(1, on.length),
  ).map((tokens) => ({ tokens, on: medianOfFirst(on, tokens), off: medianOfFirst(off, tokens) }));
  const fluency = { one: quantile(fluent, FLUENT_QUANTILE), zero: quantile(shuffled, 0.5) };
  // written so that NaN, from too few answers, is refused as well
  const separate = topicality.length > 0 && topicality.every((each) => each.on > each.off);
  if (separate && fluency.one > fluency.zero) return { topicality, fluency };
  throw new CountersteerError("JUDGE_UNCALIBRATED", {
    what: "The likelihood judge could not be calibrated for this model.",
    why: `Its ${on.length} answers look no more on topic than under other prompts, or no more fluent than shuffled.`,
    todo: "Calibrate with more and longer answers, check the chat template, or use another judge.",
    facts: { topicality, fluency, answers: on.length },
  });
}

function medianOfFirst(curves: readonly Float32Array[], tokens: number): number {
  const long = curves.filter(({ length }) => length >= tokens);
  return quantile(
    long.map((values) => spanMean({ values, span: { from: 0, to: tokens } })),
    0.5,
  );
}

function quantile(values: readonly number[], p: number): number {
  return quantileSorted(
    values.toSorted((a, b) => a - b),
    p,
  );
}

/** The anchors of a length, by straight lines over its logarithm; beyond the shortest and longest, theirs. */
export function anchorsAt({
  topicality,
  tokens,
}: {
  topicality: readonly TopicalityAnchor[];
  tokens: number;
}): { on: number; off: number } {
  const above = topicality.find((anchor) => anchor.tokens >= tokens) ?? topicality.at(-1);
  const below = topicality.findLast((anchor) => anchor.tokens <= tokens) ?? topicality[0];
  if (above === undefined || below === undefined) throw new RangeError("a calibration needs an anchor");
  if (above.tokens <= below.tokens) return { on: above.on, off: above.off };
  const share = Math.log(tokens / below.tokens) / Math.log(above.tokens / below.tokens);
  return {
    on: below.on + share * (above.on - below.on),
    off: below.off + share * (above.off - below.off),
  };
}

export interface ScoreOptions {
  calibration: Pick<Calibration, "topicality" | "fluency">;
  /** Length of the span. */
  tokens: number;
  /** Mean topicality of the span. */
  topicality: number;
  /** Mean log-probability of the span under its own prompt. */
  logProb: number;
}

export interface SpanScore {
  /** 0-100: the product of the two. */
  score: number;
  /** 0-1. */
  onTopic: number;
  /** 0-1. */
  fluency: number;
}

export function scoreSpan({ calibration, tokens, topicality, logProb }: ScoreOptions): SpanScore {
  const { on, off } = anchorsAt({ topicality: calibration.topicality, tokens });
  const { one, zero } = calibration.fluency;
  const onTopic = ramp(topicality, off, on);
  const fluency = ramp(logProb, zero, one);
  return { score: 100 * onTopic * fluency, onTopic, fluency };
}

/** 0 up to `zero`, 1 from `one`, straight between. */
function ramp(value: number, zero: number, one: number): number {
  return Math.min(1, Math.max(0, (value - zero) / (one - zero)));
}

/** Throws JUDGE_UNCALIBRATED unless the calibration was made for this model and contrast set. */
export function checkCalibration({
  calibration,
  identity,
}: {
  calibration: Calibration;
  identity: CalibrationIdentity;
}): void {
  const { model, contrast } = calibration;
  const unequal: string[] = [];
  if (model.fileHash !== identity.model.fileHash) unequal.push("weights file");
  if (model.weightType !== identity.model.weightType) unequal.push("weight type");
  if (model.weightMode !== identity.model.weightMode) unequal.push("weight mode");
  if (contrast.hash !== identity.contrast.hash) unequal.push("contrast prompts or chat template");
  if (contrast.size !== identity.contrast.size) unequal.push("contrast size");
  if (unequal.length === 0) return;
  throw new CountersteerError("JUDGE_UNCALIBRATED", {
    what: "The likelihood judge has no calibration for this set-up.",
    why: `The one at hand was made with another ${unequal.join(", ")}.`,
    todo: "Calibrate the judge for this model and these prompts.",
    facts: { unequal, calibration: { model, contrast }, identity },
  });
}

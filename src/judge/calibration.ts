/**
 * What turns a span's mean topicality into 0-100, for one model and one contrast set (DESIGN.md 7).
 * The anchors come from the model's own unsteered answers (on topic), the same answers judged against other prompts (off topic), and
 * from text that is not fluent: the same answers with their words shuffled, and answers steered until they broke.
 *
 * Anchors are kept by length, because an answer repeats its question's words at first: over 5 tokens the model's answers measure several
 * times the topicality that they have over 100. One pair of anchors would score short attempts far too extremely.
 */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { quantileSorted } from "../stats/quantile.ts";
import {
  type FluencyAnchors,
  type FluencyMeasures,
  fluencyAnchorsSchema,
  fluencyOf,
  ramp,
} from "./fluency.ts";
import { recoveryCalibrationSchema } from "./implicit-recovery.ts";
import { spanMean } from "./topicality.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Mean topicality of `tokens` tokens, in nats a token: median of answers, median of deranged answers. */
const AnchorSchema = z.strictObject({ tokens: z.number().int().positive(), on: z.number(), off: z.number() });
export type TopicalityAnchor = z.infer<typeof AnchorSchema>;

export const CalibrationSchema = z.strictObject({
  version: z.literal(2),
  /** The model whose log-probabilities were used. */
  model: z.strictObject({ fileHash: sha256, weightType: z.string(), weightMode: z.string() }),
  /** The contrast prompts as tokens, template included, and how many of them each response is compared with. */
  contrast: z.strictObject({ hash: sha256, size: z.number().int().positive() }),
  /** The answers that the anchors were taken from. */
  answers: z.strictObject({ hash: sha256, count: z.number().int().positive() }),
  /** Answers steered until they broke; 0 where there were none. */
  broken: z.number().int().nonnegative(),
  seed: z.number().int().nonnegative(),
  /** Anchors of the first so many tokens of an answer, ascending by length. */
  topicality: z.array(AnchorSchema).min(1),
  fluency: fluencyAnchorsSchema,
  recovery: recoveryCalibrationSchema,
});
export type Calibration = z.infer<typeof CalibrationSchema>;

export type CalibrationIdentity = Pick<Calibration, "model" | "contrast">;

/** So many of the unsteered answers are worse than a measure's `one`, on its bad side. */
const NOT_FLUENT = 0.05;
/** What lies beyond the fluent and makes a text worth nothing, where no broken text shows it. */
const DISPERSION_RANGE = 1.5;
const REPETITION_RANGE = 0.4;

const ANCHOR_LENGTHS = [5, 8, 12, 20, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const;

export interface AnchorOptions {
  /** Topicality curve of each unsteered answer, `[answers][tokens]`. */
  on: readonly Float32Array[];
  /** The same under another answer's prompt. */
  off: readonly Float32Array[];
  /** Of each unsteered answer under its own prompt. */
  fluent: readonly FluencyMeasures[];
  /** The same with the answer's words shuffled. */
  shuffled: readonly FluencyMeasures[];
  /** Of answers steered until they broke. */
  broken: readonly FluencyMeasures[];
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
  broken,
}: AnchorOptions): Pick<Calibration, "topicality" | "fluency"> {
  const topicality = ANCHOR_LENGTHS.filter(
    (tokens) => on.filter(({ length }) => length >= tokens).length * 2 >= Math.max(1, on.length),
  ).map((tokens) => ({ tokens, on: medianOfFirst(on, tokens), off: medianOfFirst(off, tokens) }));
  const fluency = fluencyAnchors({ fluent, shuffled, broken });
  // written so that NaN, from too few answers, is refused as well
  const separate = topicality.length > 0 && topicality.every((each) => each.on > each.off);
  if (separate && fluency.logProb.one > fluency.logProb.zero) return { topicality, fluency };
  throw new CountersteerError("JUDGE_UNCALIBRATED", {
    what: "The likelihood judge could not be calibrated for this model.",
    why: `Its ${on.length} answers look no more on topic than under other prompts, or no more fluent than shuffled.`,
    todo: "Calibrate with more and longer answers, check the chat template, or use another judge.",
    facts: { topicality, fluency, answers: on.length },
  });
}

/** Each measure's `zero` is the median of the broken texts that it finds worse than fluent: loops are no word salad, and the reverse. */
function fluencyAnchors({
  fluent,
  shuffled,
  broken,
}: Pick<AnchorOptions, "fluent" | "shuffled" | "broken">): FluencyAnchors {
  const one = (measure: keyof FluencyMeasures, p: number) =>
    quantile(
      fluent.map((each) => each[measure]),
      p,
    );
  const logProb = one("logProb", NOT_FLUENT);
  const dispersion = one("dispersion", 1 - NOT_FLUENT);
  const repetition = one("repetition", 1 - NOT_FLUENT);
  const texts = [...shuffled, ...broken];
  const improbable = texts.map((each) => each.logProb).filter((value) => value < logProb);
  const uneven = texts.map((each) => each.dispersion).filter((value) => value > dispersion);
  const looping = broken.map((each) => each.repetition).filter((value) => value > repetition);
  return {
    logProb: { one: logProb, zero: quantile(improbable, 0.5) },
    dispersion: {
      one: dispersion,
      zero: uneven.length === 0 ? dispersion + DISPERSION_RANGE : quantile(uneven, 0.5),
    },
    repetition: {
      one: repetition,
      zero: looping.length === 0 ? repetition + REPETITION_RANGE : quantile(looping, 0.5),
    },
  };
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
  measures: FluencyMeasures;
}

export interface SpanScore {
  /** 0-100: the product of the two. */
  score: number;
  /** 0-1. */
  onTopic: number;
  /** 0-1. */
  fluency: number;
}

export function scoreSpan({ calibration, tokens, topicality, measures }: ScoreOptions): SpanScore {
  const { on, off } = anchorsAt({ topicality: calibration.topicality, tokens });
  const onTopic = ramp(topicality, { one: on, zero: off });
  const fluency = fluencyOf({ measures, anchors: calibration.fluency });
  return { score: 100 * onTopic * fluency, onTopic, fluency };
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

/**
 * Whether a span is language at all (DESIGN.md 7). Steering that is too strong breaks text in two ways: into words that don't follow from each
 * other, which the unsteered model finds improbable, and into loops, which it finds probable. So three measures are taken: the mean
 * log-probability given the own prompt, its dispersion (broken text is surprising in places even where it loops), and the share of repeated n-grams.
 */
import { z } from "zod";
import type { TokenSpan } from "./token-spans.ts";
import { spanMean } from "./topicality.ts";

/** Length of the n-grams, in tokens. */
const GRAM = 3;
/** How many tokens back a repetition is looked for: a refrain after a page is style. */
const WINDOW = 64;

export interface FluencyMeasures {
  /** Mean log-probability in nats a token. */
  logProb: number;
  /** Standard deviation of the log-probabilities, nats. */
  dispersion: number;
  /** Share of the span's n-grams that its last 64 tokens held already, 0-1. */
  repetition: number;
}

/** Where a measure stops counting against a text, and where it makes a text worth nothing. */
const rampSchema = z.strictObject({ one: z.number(), zero: z.number() });
export type Ramp = z.infer<typeof rampSchema>;

export const fluencyAnchorsSchema = z.strictObject({
  /** `one` above `zero`. */
  logProb: rampSchema,
  /** `zero` above `one`, here and below. */
  dispersion: rampSchema,
  repetition: rampSchema,
});
export type FluencyAnchors = z.infer<typeof fluencyAnchorsSchema>;

export interface MeasureOptions {
  /** Given the own prompt, `[tokens]`. */
  logProbs: ArrayLike<number>;
  /** Ids, `[tokens]`. */
  tokens: ArrayLike<number>;
  /** Half-open, in tokens. @default all */
  span?: TokenSpan;
}

/** Of an empty span, log-probability and dispersion are NaN. */
export function measureFluency({
  logProbs,
  tokens,
  span = { from: 0, to: tokens.length },
}: MeasureOptions): FluencyMeasures {
  const logProb = spanMean({ values: logProbs, span });
  let squares = 0;
  for (let t = span.from; t < span.to; t++) squares += ((logProbs[t] ?? Number.NaN) - logProb) ** 2;
  return {
    logProb,
    dispersion: Math.sqrt(squares / (span.to - span.from)),
    repetition: repetitionOf({ tokens, span }),
  };
}

/** 0 for spans too short to repeat an n-gram. */
export function repetitionOf({ tokens, span }: { tokens: ArrayLike<number>; span: TokenSpan }): number {
  /** Where each n-gram was last seen. */
  const seen = new Map<string, number>();
  let grams = 0;
  let repeated = 0;
  for (let t = span.from + GRAM - 1; t < span.to; t++) {
    let gram = "";
    for (let k = 0; k < GRAM; k++) gram += `${tokens[t - k]} `;
    const last = seen.get(gram);
    if (last !== undefined && t - last <= WINDOW) repeated += 1;
    seen.set(gram, t);
    grams += 1;
  }
  return grams === 0 ? 0 : repeated / grams;
}

/** 0-1: the worst of the measures, for text that is broken in one way is broken. */
export function fluencyOf({
  measures,
  anchors,
}: {
  measures: FluencyMeasures;
  anchors: FluencyAnchors;
}): number {
  return Math.min(
    ramp(measures.logProb, anchors.logProb),
    ramp(measures.dispersion, anchors.dispersion),
    ramp(measures.repetition, anchors.repetition),
  );
}

/** 1 from `one` on, 0 from `zero` on, straight between; either may be the larger. */
export function ramp(value: number, { one, zero }: Ramp): number {
  return Math.min(1, Math.max(0, (value - zero) / (one - zero)));
}

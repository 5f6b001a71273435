/**
 * Implicit recovery (DESIGN.md 7): a response that begins off topic and returns to the topic for good, without restart wording.
 *
 * It is a change-point problem on the topicality curve with two segments. For every split b the first b tokens are compared with the beginnings of
 * unsteered answers, and the rest with stretches of the same length of off-topic answers, each in their standard deviations at that length:
 *
 *     first(b) = (mean of beginnings of b tokens - mean of the first b) / their deviation       large: the response did not begin on topic
 *     last(b)  = (mean of the rest - mean of off-topic stretches of n - b) / their deviation      large: the rest is not off topic
 *     T        = max over b of min(first(b), last(b))
 *
 * Both null hypotheses, "on topic throughout" and "off topic to the end", must be rejected at the same split (an intersection-union test).
 * Least squares on the curve would not do: beyond its first words an answer on topic differs from one off topic by a tenth of a nat a token.
 * So a drift off topic that begins later, after an on-topic start, is not looked for.
 */
import { z } from "zod";
import { quantileSorted } from "../stats/quantile.ts";
import { createRng, type Rng } from "../stats/rng.ts";
import { spanMean } from "./topicality.ts";

/** Tokens that a segment has at least. */
export const LEAST_SEGMENT = 16;
/** Never below, whatever a small calibration says: its answers are too few to know the tail. */
const LEAST_THRESHOLD = 3;
const NULL_QUANTILE = 0.995;
const REPLICATES = 2000;
const BLOCK = 16;
const FOLDS = 5;
const LENGTHS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const;

const momentsSchema = z.strictObject({
  tokens: z.number().int().positive(),
  mean: z.number(),
  deviation: z.number().positive(),
});
type Moments = z.infer<typeof momentsSchema>;

export const recoveryCalibrationSchema = z.strictObject({
  /** Mean topicality of an unsteered answer's first tokens, ascending by length. */
  beginnings: z.array(momentsSchema),
  /** Mean topicality of stretches of answers to other prompts, ascending by length. */
  stretches: z.array(momentsSchema),
  /** T above it is a recovery; null where the answers were too short to set one. */
  threshold: z.number().nullable(),
  /** Recoveries found in the calibration's own answers, each by a calibration without it and a fifth of the others. */
  falseAlarms: z.strictObject({
    /** On topic throughout. */
    unsteered: z.strictObject({ answers: z.number().int(), alarms: z.number().int() }),
    /** Read under another prompt. */
    offTopic: z.strictObject({ answers: z.number().int(), alarms: z.number().int() }),
  }),
});
export type RecoveryCalibration = z.infer<typeof recoveryCalibrationSchema>;

export interface Recovery {
  /** T, in standard deviations. */
  statistic: number;
  /** The first token of the rest at the best split. */
  token: number;
}

/** The best split of a curve `[tokens]`; null where it is too short for two segments or the calibration has no anchors. */
export function bestRecovery({
  curve,
  calibration,
}: {
  curve: ArrayLike<number>;
  calibration: Pick<RecoveryCalibration, "beginnings" | "stretches">;
}): Recovery | null {
  const { beginnings, stretches } = calibration;
  const sums = new Float64Array(curve.length + 1);
  for (let t = 0; t < curve.length; t++) sums[t + 1] = (sums[t] ?? 0) + (curve[t] ?? Number.NaN);
  const total = sums[curve.length] ?? 0;
  let best: Recovery | null = null;
  for (let split = LEAST_SEGMENT; split <= curve.length - LEAST_SEGMENT; split++) {
    const before = sums[split] ?? 0;
    const rest = curve.length - split;
    const on = momentsAt({ moments: beginnings, tokens: split });
    const off = momentsAt({ moments: stretches, tokens: rest });
    if (on === null || off === null) return null;
    const first = (on.mean - before / split) / on.deviation;
    const last = ((total - before) / rest - off.mean) / off.deviation;
    const statistic = Math.min(first, last);
    if (best === null || statistic > best.statistic) best = { statistic, token: split };
  }
  return best;
}

export interface CalibrateRecoveryOptions {
  /** Topicality curve of each unsteered answer, `[answers][tokens]`. */
  on: readonly Float32Array[];
  /** The same under another answer's prompt. */
  off: readonly Float32Array[];
  seed: number;
}

export function calibrateRecovery(options: CalibrateRecoveryOptions): RecoveryCalibration {
  return { ...anchorsOf(options), falseAlarms: crossValidated(options) };
}

type Anchors = Omit<RecoveryCalibration, "falseAlarms">;

/**
 * The threshold is the 99.5th percentile of T over bootstrapped null curves, of the worse of the two hypotheses, and at least 3. A null curve is
 * made of blocks of 16 tokens, each from the same place of a random answer.
 */
function anchorsOf({ on, off, seed }: CalibrateRecoveryOptions): Anchors {
  const beginnings = momentsOf((tokens) =>
    on
      .filter(({ length }) => length >= tokens)
      .map((values) => spanMean({ values, span: { from: 0, to: tokens } })),
  );
  const stretches = momentsOf((tokens) => off.flatMap((values) => stretchMeans({ values, tokens })));
  const nulls = [on, off].map((curves, stream) => {
    const rng = createRng({ seed, stream });
    const long = curves.filter(({ length }) => length >= 2 * LEAST_SEGMENT);
    const statistics = Array.from({ length: long.length === 0 ? 0 : REPLICATES }, () => {
      const curve = nullCurve({ curves: long, rng });
      return bestRecovery({ curve, calibration: { beginnings, stretches } })?.statistic;
    }).filter((value) => value !== undefined);
    const sorted = statistics.sort((a, b) => a - b);
    return sorted.length === 0 ? Number.NaN : quantileSorted(sorted, NULL_QUANTILE);
  });
  const threshold = Math.max(LEAST_THRESHOLD, ...nulls);
  return { beginnings, stretches, threshold: Number.isFinite(threshold) ? threshold : null };
}

function crossValidated({ on, off, seed }: CalibrateRecoveryOptions): RecoveryCalibration["falseAlarms"] {
  const unsteered = { answers: 0, alarms: 0 };
  const offTopic = { answers: 0, alarms: 0 };
  for (let fold = 0; fold < FOLDS; fold++) {
    const rest = (curves: readonly Float32Array[]) => curves.filter((_, i) => i % FOLDS !== fold);
    const calibration = anchorsOf({ on: rest(on), off: rest(off), seed });
    const { threshold } = calibration;
    if (threshold === null) continue;
    for (const [curves, tally] of [
      [on, unsteered],
      [off, offTopic],
    ] as const) {
      curves.forEach((curve, i) => {
        const best = i % FOLDS === fold ? bestRecovery({ curve, calibration }) : null;
        if (best === null) return;
        tally.answers += 1;
        if (best.statistic > threshold) tally.alarms += 1;
      });
    }
  }
  return { unsteered, offTopic };
}

function nullCurve({ curves, rng }: { curves: readonly Float32Array[]; rng: Rng }): number[] {
  const length = curves[rng.below(curves.length)]?.length ?? 0;
  const curve: number[] = [];
  while (curve.length < length) {
    const from = curve.length;
    const reaching = curves.filter((each) => each.length > from);
    curve.push(...(reaching[rng.below(reaching.length)] ?? new Float32Array()).subarray(from, from + BLOCK));
  }
  return curve.slice(0, length);
}

/** Half-overlapping, without the beginning: an answer repeats its own question there, which puts it further off the other one. */
function stretchMeans({ values, tokens }: { values: Float32Array; tokens: number }): number[] {
  const means: number[] = [];
  for (let from = LEAST_SEGMENT; from + tokens <= values.length; from += tokens / 2) {
    means.push(spanMean({ values, span: { from, to: from + tokens } }));
  }
  return means;
}

const LEAST_MEANS = 8;

/** Lengths for which there are too few means, or all are equal, are left out. */
function momentsOf(means: (tokens: number) => number[]): Moments[] {
  return LENGTHS.flatMap((tokens) => {
    const all = means(tokens);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (all.length - 1));
    return all.length >= LEAST_MEANS && deviation > 0 ? [{ tokens, mean, deviation }] : [];
  });
}

/** By straight lines over the logarithm of the length. Beyond the longest, its mean, and a deviation that shrinks as that of a mean does. */
function momentsAt({
  moments,
  tokens,
}: {
  moments: readonly Moments[];
  tokens: number;
}): { mean: number; deviation: number } | null {
  const above = moments.find((each) => each.tokens >= tokens);
  const below = moments.findLast((each) => each.tokens <= tokens);
  if (below === undefined) return above ?? null;
  if (above === undefined) {
    return { mean: below.mean, deviation: below.deviation * Math.sqrt(below.tokens / tokens) };
  }
  if (above.tokens === below.tokens) return below;
  const share = Math.log(tokens / below.tokens) / Math.log(above.tokens / below.tokens);
  return {
    mean: below.mean + share * (above.mean - below.mean),
    deviation: below.deviation + share * (above.deviation - below.deviation),
  };
}

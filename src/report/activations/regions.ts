/**
 * The regions of an answer that starts over, from the attempts' offsets (METHOD.md 8.3, step 3, which asks a model to count characters):
 * off topic from the first attempt to the restart phrase, the correction is the phrase, on topic from its end to the end of the last attempt.
 */
import type { RegionName } from "../../store/analysis.ts";
import type { AttemptRecord, JudgementRecord, TrialRecord } from "../../store/records.ts";
import { type Span, tokensOfSpan } from "./token-regions.ts";

/** Tokens of the answer, counted from its first one. Each may be empty. */
export type Regions = Record<RegionName, Span>;

/** Why an answer has no regions, or not those of the declared shape. */
export const LEFT_OUT = [
  "failed",
  "not judged",
  "no restart",
  "more than one restart",
  "restart without wording",
  "not scored",
  "not improved",
] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

export interface EpisodeShape {
  restarts: "one" | "first";
  improved: boolean;
  /** Improved is last > first + margin. */
  margin: number;
}

export interface EpisodeOptions extends EpisodeShape {
  trial: TrialRecord;
  judgement: JudgementRecord | null;
}

export interface EpisodeRegions {
  regions: Regions;
  firstScore: number;
  lastScore: number;
}

/** The regions of an answer of exactly the shape, or why it has none. */
export function episodeRegions(options: EpisodeOptions): EpisodeRegions | LeftOut {
  const { trial, judgement, restarts, improved, margin } = options;
  if (trial.error !== null) return "failed";
  if (judgement === null || (judgement.status !== "scored" && judgement.status !== "no-attempt")) {
    return "not judged";
  }
  const { attempts } = judgement;
  if (attempts.length < 2) return "no restart";
  if (attempts.length > 2 && restarts === "one") return "more than one restart";
  const regions = regionsOf({ trial, attempts });
  if (regions === null) return "restart without wording";
  const scores = attempts.flatMap(({ score }) => (score === null ? [] : [score]));
  const [firstScore] = scores;
  const lastScore = scores.at(-1);
  if (firstScore === undefined || lastScore === undefined || scores.length < 2) return "not scored";
  if (improved && !(lastScore > firstScore + margin)) return "not improved";
  return { regions, firstScore, lastScore };
}

/** By the first restart; null for an answer without one, or with one that has no wording. */
export function regionsOf({
  trial,
  attempts,
}: {
  trial: Pick<TrialRecord, "text" | "offsets">;
  attempts: readonly AttemptRecord[];
}): Regions | null {
  const [first, second] = attempts;
  const last = attempts.at(-1);
  if (first === undefined || last === undefined || !second?.restartPhrase) return null;
  const { text, offsets } = trial;
  const phraseEnd = second.start + second.restartPhrase.length;
  const tokens = (start: number, end: number) => tokensOfSpan({ text, offsets, start, end });
  return {
    "off-topic": tokens(first.start, second.start),
    correction: tokens(second.start, phraseEnd),
    "on-topic": tokens(phraseEnd, last.end),
  };
}

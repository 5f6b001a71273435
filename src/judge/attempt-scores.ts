/** Scores a response's attempts from its topicality curve. */
import { type Calibration, scoreSpan } from "./calibration.ts";
import { measureFluency } from "./fluency.ts";
import type { Attempt } from "./judge.ts";
import type { SplitAttempt } from "./restart-splitter.ts";
import { tokenSpan } from "./token-spans.ts";
import { spanMean } from "./topicality.ts";

/**
 * Attempts with less content have no score and don't count as scored: the mean of a few tokens says more about where a sentence begins
 * than about its topic.
 */
export const LEAST_SPAN_TOKENS = 5;

export interface ScoreAttemptsOptions {
  response: string;
  /** UTF-16 offset at which each token begins, `[tokens]`. */
  offsets: Int32Array;
  /** Ids, `[tokens]`. */
  tokens: Int32Array;
  /** `[tokens]`. */
  topicality: Float32Array;
  /** Log-probability given the own prompt, `[tokens]`. */
  logProbs: Float32Array;
  attempts: readonly SplitAttempt[];
  calibration: Pick<Calibration, "topicality" | "fluency">;
}

/**
 * Each attempt's score is that of its content. Restart wording is left out: it says nothing about the task, so it would pull every
 * attempt but the first towards 0.
 */
export function scoreAttempts({
  response,
  offsets,
  tokens,
  topicality,
  logProbs,
  attempts,
  calibration,
}: ScoreAttemptsOptions): Attempt[] {
  return attempts.map(({ start, end, contentStart, restartPhrase }) => {
    const span = tokenSpan({ text: response, offsets, start: contentStart, end });
    const length = span.to - span.from;
    if (length < LEAST_SPAN_TOKENS) {
      return { start, end, restartPhrase, score: null, components: { tokens: length } };
    }
    const mean = spanMean({ values: topicality, span });
    const measures = measureFluency({ logProbs, tokens, span });
    const { score, onTopic, fluency } = scoreSpan({
      calibration,
      tokens: length,
      topicality: mean,
      measures,
    });
    const components = { tokens: length, topicality: mean, ...measures, onTopic, fluency };
    return { start, end, restartPhrase, score, components };
  });
}

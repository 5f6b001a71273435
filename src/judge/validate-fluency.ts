/** How well each measure of fluency tells unsteered answers from broken text, and what broken text can score. */
import { auc } from "../stats/auc.ts";
import { summarizeMean } from "../stats/mean.ts";
import type { AnswerScores, ContrastedScores } from "./answer-scores.ts";
import { type Calibration, scoreSpan } from "./calibration.ts";
import { fluencyOf, measureFluency } from "./fluency.ts";
import { spanMean, topicalityCurve } from "./topicality.ts";

export interface FluencyValidation {
  /** Areas under the curve: chance that an unsteered answer is the more fluent one. null without texts. */
  measures: { measure: string; shuffled: number | null; broken: number | null }[];
  broken: {
    answers: number;
    meanScore: number | null;
    /** Answers steered until they broke that score more than the target of 30. */
    above30: number;
    highest: number | null;
  };
  /** Unsteered answers whose score the fluency lowers, and by how much at most. */
  unsteered: { answers: number; lowered: number; meanFluency: number | null; least: number | null };
}

/** In the direction in which fluent text has more. */
const MEASURES = ["logProb", "-dispersion", "-repetition", "fluency"] as const;

export function validateFluency({
  scores,
  broken,
  calibration,
}: {
  scores: readonly AnswerScores[];
  /** With as many contrasts as the calibration. */
  broken: readonly ContrastedScores[];
  calibration: Calibration;
}): FluencyValidation {
  const measured = (text: Parameters<typeof measureFluency>[0]) => {
    const measures = measureFluency(text);
    return {
      logProb: measures.logProb,
      "-dispersion": -measures.dispersion,
      "-repetition": -measures.repetition,
      fluency: fluencyOf({ measures, anchors: calibration.fluency }),
    };
  };
  const unsteered = scores.map(({ own, answer }) => measured({ logProbs: own, tokens: answer.tokens }));
  const shuffled = scores.map((each) => measured(each.shuffled));
  const brokenMeasures = broken.map(({ own, tokens }) => measured({ logProbs: own, tokens }));
  const brokenScores = broken.map(({ own, contrasts, tokens }) => {
    const topicality = spanMean({ values: topicalityCurve({ own, contrasts }) });
    const measures = measureFluency({ logProbs: own, tokens });
    return scoreSpan({ calibration, tokens: tokens.length, topicality, measures }).score;
  });
  const fluency = unsteered.map((each) => each.fluency);
  return {
    measures: MEASURES.map((measure) => {
      const against = (others: typeof unsteered) =>
        auc({
          items: [
            ...unsteered.map((each) => ({ positive: true, score: each[measure] })),
            ...others.map((each) => ({ positive: false, score: each[measure] })),
          ],
        });
      return { measure, shuffled: against(shuffled), broken: against(brokenMeasures) };
    }),
    broken: {
      answers: broken.length,
      meanScore: summarizeMean(brokenScores).mean,
      above30: brokenScores.filter((score) => score > 30).length,
      highest: brokenScores.length === 0 ? null : Math.max(...brokenScores),
    },
    unsteered: {
      answers: unsteered.length,
      lowered: fluency.filter((value) => value < 1).length,
      meanFluency: summarizeMean(fluency).mean,
      least: fluency.length === 0 ? null : Math.min(...fluency),
    },
  };
}

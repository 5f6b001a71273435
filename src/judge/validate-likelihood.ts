/** How well the likelihood judge tells answers from deranged answers, on answers it was not calibrated with. */
import type { Engine } from "../engine/engine.ts";
import { auc } from "../stats/auc.ts";
import { summarizeMean } from "../stats/mean.ts";
import { type Answer, type AnswerScores, scoreAnswers, scoreContrasted } from "./answer-scores.ts";
import { type Calibration, scoreSpan } from "./calibration.ts";
import { type ContrastChoice, chooseContrastSize } from "./choose-contrast-size.ts";
import { orderContrasts } from "./contrast-set.ts";
import { measureFluency } from "./fluency.ts";
import { type RenderPrompt, rememberPrompts } from "./given-prompt.ts";
import { spanMean, topicalityCurve } from "./topicality.ts";
import { type FluencyValidation, validateFluency } from "./validate-fluency.ts";
import { type RecoveryValidation, spliceAnswers, validateRecovery } from "./validate-recovery.ts";

export interface ValidateLikelihoodOptions {
  engine: Engine;
  renderPrompt: RenderPrompt;
  /** Unsteered answers; not those of the calibration. */
  answers: readonly Answer[];
  /** Answers steered until they are broken; not those of the calibration. @default none */
  broken?: readonly Pick<Answer, "prompt" | "tokens">[];
  contrastPrompts: readonly string[];
  calibration: Calibration;
  /** Numbers of contrasts to compare. @default [1, 2, 4, 8] */
  contrastSizes?: readonly number[];
  /** Lengths of an answer's beginning to compare, in tokens. @default [3, 5, 8, 12, 20] */
  spanLengths?: readonly number[];
  seed: number;
  signal?: AbortSignal;
}

export interface Separation {
  /** Chance that an answer is more on topic than a deranged one; null without answers. */
  auc: number | null;
  /** Means over answers and over deranged answers, nats a token. */
  on: number | null;
  off: number | null;
}

export interface ScoreDecile {
  /** Scores in `[from, to)`; the last one contains 100. */
  from: number;
  to: number;
  /** Answers and deranged answers with such a score. */
  count: number;
  /** Share of them that are answers; null if there are none. */
  onTopic: number | null;
}

export interface LikelihoodValidation {
  answers: number;
  /** Of scores, at the calibration's contrast size. */
  scoreAuc: number | null;
  deciles: ScoreDecile[];
  /** Of mean topicality. */
  byContrastSize: ({ contrastSize: number } & Separation)[];
  contrastChoice: ContrastChoice;
  /** Of the mean topicality of an answer's first tokens, at the calibration's contrast size. */
  bySpanLength: ({ tokens: number; answers: number } & Separation)[];
  fluency: FluencyValidation;
  recovery: RecoveryValidation;
}

export async function validateLikelihood(options: ValidateLikelihoodOptions): Promise<LikelihoodValidation> {
  const {
    engine,
    calibration,
    contrastSizes = [1, 2, 4, 8],
    spanLengths = [3, 5, 8, 12, 20],
    seed,
    signal,
  } = options;
  const size = calibration.contrast.size;
  const render = rememberPrompts(options.renderPrompt);
  const ordered = orderContrasts({ prompts: options.contrastPrompts });
  const contrastSize = Math.max(size, ...contrastSizes);
  const { answers } = options;
  const scores = await scoreAnswers({ engine, render, answers, ordered, contrastSize, seed, signal });
  const contrasted = { engine, render, ordered, contrastSize: size, signal };
  const broken = await scoreContrasted({ ...contrasted, answers: options.broken ?? [] });
  const built = spliceAnswers(scores.map(({ answer }) => answer));
  const spliced = await scoreContrasted({ ...contrasted, answers: built });
  const judged = scores.flatMap((each) =>
    (["own", "deranged"] as const).map((as) => ({
      positive: as === "own",
      score: scoreSpan({
        calibration,
        tokens: each.own.length,
        topicality: meanTopicality({ scores: each, as, size }),
        measures: measureFluency({ logProbs: each[as], tokens: each.answer.tokens }),
      }).score,
    })),
  );
  return {
    answers: scores.length,
    scoreAuc: auc({ items: judged }),
    deciles: scoreDeciles({ items: judged }),
    byContrastSize: contrastSizes.map((contrastSize) => ({
      contrastSize,
      ...separation((as) => scores.map((each) => meanTopicality({ scores: each, as, size: contrastSize }))),
    })),
    contrastChoice: chooseContrastSize({
      candidates: contrastSizes.map((contrastSize) => {
        const means = (as: "own" | "deranged") =>
          scores.map((each) => meanTopicality({ scores: each, as, size: contrastSize }));
        return { contrastSize, on: means("own"), off: means("deranged") };
      }),
      seed,
    }),
    bySpanLength: spanLengths.map((tokens) => {
      const long = scores.filter(({ own }) => own.length >= tokens);
      const means = (as: "own" | "deranged") =>
        long.map((each) => meanTopicality({ scores: each, as, size, tokens }));
      return { tokens, answers: long.length, ...separation(means) };
    }),
    fluency: validateFluency({ scores, broken, calibration }),
    recovery: validateRecovery({ scores, broken, spliced, size, calibration }),
  };
}

interface MeanOptions {
  scores: AnswerScores;
  as: "own" | "deranged";
  /** How many contrasts. */
  size: number;
  /** Only the first so many tokens. @default all */
  tokens?: number;
}

function meanTopicality({ scores, as, size, tokens = scores.own.length }: MeanOptions): number {
  const values = topicalityCurve({ own: scores[as], contrasts: scores.contrasts.slice(0, size) });
  return spanMean({ values, span: { from: 0, to: tokens } });
}

function separation(means: (as: "own" | "deranged") => number[]): Separation {
  const on = means("own");
  const off = means("deranged");
  const items = [
    ...on.map((score) => ({ positive: true, score })),
    ...off.map((score) => ({ positive: false, score })),
  ];
  return { auc: auc({ items }), on: summarizeMean(on).mean, off: summarizeMean(off).mean };
}

/** Counts and shares of answers by score, in ten equal ranges. */
export function scoreDeciles({
  items,
}: {
  items: readonly { positive: boolean; score: number }[];
}): ScoreDecile[] {
  return Array.from({ length: 10 }, (_, d) => {
    const inside = items.filter(({ score }) => Math.min(9, Math.floor(score / 10)) === d);
    const answers = inside.filter(({ positive }) => positive).length;
    return {
      from: d * 10,
      to: d * 10 + 10,
      count: inside.length,
      onTopic: inside.length === 0 ? null : answers / inside.length,
    };
  });
}

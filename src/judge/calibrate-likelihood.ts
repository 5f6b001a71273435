/** Makes the calibration of the likelihood judge for one model (DESIGN.md 7). */
import type { Engine } from "../engine/engine.ts";
import { type Answer, scoreAnswers } from "./answer-scores.ts";
import { anchors, type Calibration } from "./calibration.ts";
import { contrastIdentity } from "./contrast-identity.ts";
import { hashTokens, sha256Of } from "./contrast-set.ts";
import { type RenderPrompt, rememberPrompts } from "./given-prompt.ts";
import { DEFAULT_CONTRAST_SIZE } from "./likelihood.ts";
import { spanMean, topicalityCurve } from "./topicality.ts";

export interface CalibrateOptions {
  engine: Engine;
  /** As for the judge. */
  renderPrompt: RenderPrompt;
  /** Unsteered answers, decoded as the trials will be and about as long; to prompts that are not evaluated. */
  answers: readonly Answer[];
  contrastPrompts: readonly string[];
  /** @default 2 */
  contrastSize?: number;
  /** Of the derangement and of the shuffling. */
  seed: number;
  signal?: AbortSignal;
}

/** Throws JUDGE_UNCALIBRATED if answers can't be told from deranged ones, PROMPT_EMPTY if there are too few contrast prompts. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { engine, contrastPrompts, contrastSize = DEFAULT_CONTRAST_SIZE, seed, signal } = options;
  const render = rememberPrompts(options.renderPrompt);
  const { ordered, identity } = await contrastIdentity({ engine, render, contrastPrompts, contrastSize });
  const scores = await scoreAnswers({
    engine,
    render,
    answers: options.answers,
    ordered,
    contrastSize,
    seed,
    signal,
  });
  const used = scores.map(({ answer }) => answer);
  return {
    version: 1,
    ...identity,
    answers: { hash: hashAnswers(used), count: used.length },
    seed,
    ...anchors({
      on: scores.map((each) => topicalityCurve({ own: each.own, contrasts: each.contrasts })),
      off: scores.map((each) => topicalityCurve({ own: each.deranged, contrasts: each.contrasts })),
      fluent: scores.map(({ own }) => spanMean({ values: own })),
      shuffled: scores.map(({ shuffled }) => spanMean({ values: shuffled })),
    }),
  };
}

function hashAnswers(answers: readonly Answer[]): string {
  const tokens = hashTokens(answers.map((answer) => answer.tokens));
  return sha256Of(JSON.stringify([tokens, ...answers.map(({ prompt }) => prompt)]));
}

/** Makes the calibration of the likelihood judge for one model (DESIGN.md 7). */
import type { Engine } from "../engine/engine.ts";
import { type Answer, scoreAnswers, scoreContrasted } from "./answer-scores.ts";
import { anchors, type Calibration } from "./calibration.ts";
import { contrastIdentity } from "./contrast-identity.ts";
import { hashTokens, sha256Of } from "./contrast-set.ts";
import { measureFluency } from "./fluency.ts";
import { type RenderPrompt, rememberPrompts } from "./given-prompt.ts";
import { calibrateRecovery } from "./implicit-recovery.ts";
import { DEFAULT_CONTRAST_SIZE } from "./likelihood.ts";
import { topicalityCurve } from "./topicality.ts";

export interface CalibrateOptions {
  engine: Engine;
  /** As for the judge. */
  renderPrompt: RenderPrompt;
  /** Unsteered answers, decoded as the trials will be and about as long; to prompts that are not evaluated. */
  answers: readonly Answer[];
  /** Answers steered until they are broken; without them, loops are told by a fixed rule. @default none */
  broken?: readonly Pick<Answer, "prompt" | "tokens">[];
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
  const broken = await scoreContrasted({
    engine,
    render,
    answers: options.broken ?? [],
    ordered,
    contrastSize: 0,
    signal,
  });
  const used = scores.map(({ answer }) => answer);
  const on = scores.map((each) => topicalityCurve({ own: each.own, contrasts: each.contrasts }));
  const off = scores.map((each) => topicalityCurve({ own: each.deranged, contrasts: each.contrasts }));
  return {
    version: 2,
    ...identity,
    answers: { hash: hashAnswers(used), count: used.length },
    broken: broken.length,
    seed,
    ...anchors({
      on,
      off,
      fluent: scores.map(({ own, answer }) => measureFluency({ logProbs: own, tokens: answer.tokens })),
      shuffled: scores.map(({ shuffled }) => measureFluency(shuffled)),
      broken: broken.map(({ own, tokens }) => measureFluency({ logProbs: own, tokens })),
    }),
    recovery: calibrateRecovery({ on, off, seed }),
  };
}

function hashAnswers(answers: readonly Answer[]): string {
  const tokens = hashTokens(answers.map((answer) => answer.tokens));
  return sha256Of(JSON.stringify([tokens, ...answers.map(({ prompt }) => prompt)]));
}

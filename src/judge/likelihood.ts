/**
 * The offline judge: what a response's own prompt tells the unsteered model about it, and other prompts don't (DESIGN.md 7).
 * No other model, no randomness: the same responses get the same scores.
 */

import type { Engine } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { LEAST_SPAN_TOKENS, scoreAttempts } from "./attempt-scores.ts";
import { type Calibration, checkCalibration } from "./calibration.ts";
import { contrastIdentity } from "./contrast-identity.ts";
import { chooseContrasts, sha256Of } from "./contrast-set.ts";
import { findRecovery } from "./find-recovery.ts";
import {
  flawOfScores,
  type GivenPrompt,
  type RenderPrompt,
  rememberPrompts,
  scoreGivenPrompt,
} from "./given-prompt.ts";
import type { Judge, JudgedItem, JudgeItem, Judgement, JudgeOptions } from "./judge.ts";
import { noAttemptReason } from "./no-attempt.ts";
import { SPLITTER_VERSION, splitRestarts } from "./restart-splitter.ts";
import { spanMean, topicalityCurve } from "./topicality.ts";

export const LIKELIHOOD_NAME = "likelihood";
/** Changes whenever the same response could get another score from the same calibration. */
export const LIKELIHOOD_VERSION = "2";
const JUDGE = `${LIKELIHOOD_NAME}/${LIKELIHOOD_VERSION}`;

export const DEFAULT_CONTRAST_SIZE = 2;

export interface LikelihoodJudgeOptions {
  /** The model that is judged; it scores without intervention. */
  engine: Engine;
  /** Token ids of a conversation with this one user message, up to where the answer begins. Meta-prompts are not part of it. */
  renderPrompt: RenderPrompt;
  /** Prompts of other tasks than those judged. */
  contrastPrompts: readonly string[];
  /** Contrasts for each response. @default 2 */
  contrastSize?: number;
  calibration: Calibration;
}

/** Throws JUDGE_UNCALIBRATED if the calibration is of another model or contrast set, PROMPT_EMPTY if there are too few contrast prompts. */
export async function openLikelihoodJudge(options: LikelihoodJudgeOptions): Promise<Judge> {
  const { engine, contrastPrompts, contrastSize = DEFAULT_CONTRAST_SIZE, calibration } = options;
  const render = rememberPrompts(options.renderPrompt);
  const { ordered, identity } = await contrastIdentity({ engine, render, contrastPrompts, contrastSize });
  checkCalibration({ calibration, identity });
  return new LikelihoodJudge({ engine, render, ordered, contrastSize, calibration });
}

interface Parts {
  engine: Engine;
  render: RenderPrompt;
  ordered: string[];
  contrastSize: number;
  calibration: Calibration;
}

/** An item whose log-probabilities are under way. */
interface OpenItem {
  item: JudgeItem;
  contrasts: string[];
  /** `[own, ...contrasts]`. */
  rows: (Float32Array | undefined)[];
  missing: number;
}

class LikelihoodJudge implements Judge {
  readonly name = LIKELIHOOD_NAME;
  readonly version = LIKELIHOOD_VERSION;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  describe(): Record<string, string | number> {
    const { calibration, contrastSize } = this.#parts;
    return {
      judge: JUDGE,
      splitter: SPLITTER_VERSION,
      contrastSize,
      contrastHash: calibration.contrast.hash,
      calibrationHash: sha256Of(JSON.stringify(calibration)),
      leastSpanTokens: LEAST_SPAN_TOKENS,
    };
  }

  /**
   * Every item's own prompt and contrasts go to the engine in one call. The own prompt is the task alone, as the contrasts are: what a
   * meta-prompt adds is no part of being on topic. Throws what the engine throws; a response that can't be scored is `failed`.
   */
  async *judge(items: readonly JudgeItem[], { signal }: JudgeOptions = {}): AsyncIterable<JudgedItem> {
    const open = new Map<string, { owner: OpenItem; row: number }>();
    const pairs: GivenPrompt[] = [];
    for (const item of items) {
      const early = withoutScoring(item);
      if (early !== null) {
        yield { id: item.id, judgement: early };
        continue;
      }
      const { ordered, contrastSize, render } = this.#parts;
      const contrasts = chooseContrasts({ ordered, size: contrastSize, exclude: [item.prompt] });
      const owner: OpenItem = { item, contrasts, rows: [], missing: contrasts.length + 1 };
      for (const [row, text] of [item.prompt, ...contrasts].entries()) {
        const id = `${pairs.length}`;
        open.set(id, { owner, row });
        pairs.push({ id, prompt: await render(text), response: item.responseTokens });
      }
    }
    for await (const { id, logProbs } of scoreGivenPrompt({ engine: this.#parts.engine, pairs, signal })) {
      const place = open.get(id);
      if (place === undefined) continue;
      const { owner, row } = place;
      open.delete(id);
      owner.rows[row] = logProbs;
      owner.missing -= 1;
      if (owner.missing === 0) yield { id: owner.item.id, judgement: this.#score(owner) };
    }
    if (open.size > 0) throw unanswered(open.size);
  }

  #score({ item, contrasts, rows }: OpenItem): Judgement {
    const { response, responseTokens, offsets } = item;
    const complete = rows.filter((row) => row !== undefined);
    for (const logProbs of complete) {
      const flaw = flawOfScores({ logProbs, tokens: responseTokens.length });
      if (flaw !== null) return failed(flaw);
    }
    const [logProbs = new Float32Array(), ...others] = complete;
    const topicality = topicalityCurve({ own: logProbs, contrasts: others });
    const split = splitRestarts(response);
    const { calibration } = this.#parts;
    const attempts = scoreAttempts({
      response,
      offsets,
      tokens: responseTokens,
      topicality,
      logProbs,
      attempts: split.attempts,
      calibration,
    });
    const scored = attempts.some(({ score }) => score !== null);
    const detail: Judgement["detail"] = {
      ...(scored ? {} : { reason: "too-short" }),
      topicality: spanMean({ values: topicality }),
      logProb: spanMean({ values: logProbs }),
      contrasts: contrasts.join("\n"),
      curve: Array.from(topicality, (value) => Math.round(value * 1000) / 1000),
      ...(attempts.length === 1
        ? recoveryDetail({ curve: topicality, logProbs, tokens: responseTokens, offsets, calibration })
        : {}),
    };
    if (split.trailingRestart !== null) detail.trailingRestart = split.trailingRestart;
    return { judge: JUDGE, status: scored ? "scored" : "no-attempt", attempts, detail };
  }
}

/** Of a response with one attempt that is long enough: the test's statistic, and where the response returns to the topic if it does. */
function recoveryDetail({
  offsets,
  ...response
}: Parameters<typeof findRecovery>[0] & { offsets: Int32Array }): Judgement["detail"] {
  const recovery = findRecovery(response);
  if (recovery === null) return {};
  const at = offsets[recovery.token];
  return {
    recoveryStatistic: Math.round(recovery.statistic * 1000) / 1000,
    ...(recovery.isFound && at !== undefined ? { implicitRecoveryAt: at } : {}),
  };
}

/** The judgement of an item that needs no log-probabilities; null for the others. */
function withoutScoring({ response, responseTokens, offsets }: JudgeItem): Judgement | null {
  if (offsets.length !== responseTokens.length) {
    return failed(`the response has ${responseTokens.length} tokens and ${offsets.length} offsets`);
  }
  const reason = noAttemptReason(response);
  if (reason !== null) return { judge: JUDGE, status: "no-attempt", attempts: [], detail: { reason } };
  return responseTokens.length === 0 ? failed("the response has text and no tokens") : null;
}

function failed(reason: string): Judgement {
  return { judge: JUDGE, status: "failed", attempts: [], detail: { reason } };
}

function unanswered(count: number): CountersteerError {
  return new CountersteerError("ENGINE_CRASHED", {
    what: `The engine left ${count} sequences of the judge unscored.`,
    why: "Its answers ended before all were there.",
    todo: "Run the judge again; judgements that were stored are kept.",
    facts: { unscored: count },
  });
}

/** The likelihood judge's measures for texts that are not trials: how far a text answers its prompt, and whether it is language (DESIGN.md 7). */
import { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import { type Answer, scoreContrasted } from "../../judge/answer-scores.ts";
import { calibrate } from "../../judge/calibrate-likelihood.ts";
import { type Calibration, CalibrationSchema, scoreSpan } from "../../judge/calibration.ts";
import { orderContrasts } from "../../judge/contrast-set.ts";
import { measureFluency } from "../../judge/fluency.ts";
import { type RenderPrompt, rememberPrompts } from "../../judge/given-prompt.ts";
import { spanMean, topicalityCurve } from "../../judge/topicality.ts";
import type { Shelf } from "./shelf.ts";

export const textScoreSchema = z.strictObject({
  /** 0-1 each. */
  onTopic: z.number(),
  fluency: z.number(),
});
export type TextScore = z.infer<typeof textScoreSchema>;

export interface ScoredText {
  id: string;
  prompt: string;
  /** At least five. */
  tokens: Int32Array;
}

export interface SpanJudge {
  calibration: Calibration;
  /** By id; a text that the model can't score is left out. Scores that are on the shelf are not made again. */
  score(texts: readonly ScoredText[], shelf: Shelf<TextScore>): Promise<Map<string, TextScore>>;
}

export interface OpenSpanJudgeOptions {
  engine: Engine;
  render: RenderPrompt;
  /** Of other tasks; training prompts, so that no evaluation set takes part. */
  contrastPrompts: readonly string[];
  /** Unsteered answers, and answers that are steered until they break: what the two look like in this model. */
  answers: readonly Answer[];
  broken: readonly Pick<Answer, "prompt" | "tokens">[];
  seed: number;
  calibrations: Shelf<Calibration>;
  signal?: AbortSignal | undefined;
}

export const calibrationShelfSchema = CalibrationSchema;

/** One, for speed: the decision is only between clearly off topic and the rest. */
const CONTRASTS = 1;
/** Texts that are scored in one call of the engine. */
const BATCH = 512;

/** Throws JUDGE_UNCALIBRATED if the model's answers can't be told from others. */
export async function openSpanJudge(options: OpenSpanJudgeOptions): Promise<SpanJudge> {
  const { engine, contrastPrompts, answers, broken, seed, calibrations, signal } = options;
  const render = rememberPrompts(options.render);
  const calibration =
    calibrations.kept.get("likelihood") ??
    (await calibrate({
      engine,
      renderPrompt: render,
      contrastPrompts,
      contrastSize: CONTRASTS,
      answers,
      broken,
      seed,
      ...(signal === undefined ? {} : { signal }),
    }));
  if (!calibrations.kept.has("likelihood")) await calibrations.put("likelihood", calibration);
  const ordered = orderContrasts({ prompts: contrastPrompts });
  const score = async (texts: readonly ScoredText[], shelf: Shelf<TextScore>) => {
    const missing = texts.filter(({ id }) => !shelf.kept.has(id));
    for (let from = 0; from < missing.length; from += BATCH) {
      const batch = missing.slice(from, from + BATCH);
      const scored = await scoreContrasted({
        engine,
        render,
        answers: batch,
        ordered,
        contrastSize: CONTRASTS,
        signal,
      });
      for (const { id, tokens, own, contrasts } of scored) {
        const { onTopic, fluency } = scoreSpan({
          calibration,
          tokens: tokens.length,
          topicality: spanMean({ values: topicalityCurve({ own, contrasts }) }),
          measures: measureFluency({ logProbs: own, tokens }),
        });
        await shelf.put(id, { onTopic, fluency });
      }
    }
    return new Map(
      texts.flatMap(({ id }) => {
        const kept = shelf.kept.get(id);
        return kept === undefined ? [] : [[id, kept] as const];
      }),
    );
  };
  return { calibration, score };
}

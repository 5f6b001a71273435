/** From a model's answers to steered off-topic starts: norm, judge, search. */
import { chatTokens } from "../../engine/chat-tokens.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Answer } from "../../judge/answer-scores.ts";
import type { Calibration } from "../../judge/calibration.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import type { Start } from "./assemble.ts";
import { breakAnswers } from "./break-answers.ts";
import type { KeptGeneration } from "./keep-generations.ts";
import { meanNorm } from "./mean-norm.ts";
import { findStarts, LONGEST_START } from "./off-topic-starts.ts";
import type { AnswerCandidate } from "./right-answers.ts";
import type { Shelf } from "./shelf.ts";
import { openSpanJudge, type TextScore } from "./span-judge.ts";
import type { Split } from "./split-prompts.ts";
import type { Tally } from "./tally.ts";

export interface SteerStartsOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  splits: ReadonlyMap<string, Split>;
  isWanted: (prompt: string) => boolean;
  latents: readonly number[];
  labelOf: (latent: number) => string | undefined;
  doses: readonly number[];
  /** Unsteered, which show the judge what on topic is. */
  candidates: readonly AnswerCandidate[];
  /** Wanted. */
  count: number;
  seed: number;
  shelves: {
    starts: Shelf<KeptGeneration>;
    scores: Shelf<TextScore>;
    calibrations: Shelf<Calibration>;
  };
  signal?: AbortSignal | undefined;
  onGeneration: (tokens: number) => void;
  onStage: (stage: { stage: "calibration" | "starts"; done: number }) => void;
}

/** Candidates for each start that is wanted, at most. */
const PATIENCE = 12;
const CALIBRATION_ANSWERS = 32;
const CONTRAST_PROMPTS = 24;
const NORM_PROMPTS = 8;

export async function steerStarts(
  options: SteerStartsOptions,
): Promise<{ starts: Start[]; tally: Tally; meanNorm: number }> {
  const { engine, layer, candidates, seed, shelves, signal, onStage } = options;
  const prompts = [...options.splits.keys()];
  onStage({ stage: "calibration", done: 0 });
  const render = (text: string) => chatTokens({ engine, messages: [{ role: "user", content: text }] });
  const sample = shuffle(prompts, createRng({ seed, stream: 2 })).slice(0, CONTRAST_PROMPTS);
  const measured = await Promise.all(sample.slice(0, NORM_PROMPTS).map(render));
  const norm = await meanNorm({ engine, layer, prompts: measured });
  const judge = await openSpanJudge({
    engine,
    render,
    contrastPrompts: sample,
    answers: calibrationAnswers(candidates),
    broken: await breakAnswers({ ...options, prompts, meanNorm: norm, shelf: shelves.starts }),
    seed,
    calibrations: shelves.calibrations,
    signal,
  });
  let kept = 0;
  const { starts, tally } = await findStarts({
    ...options,
    generations: shelves.starts,
    scores: shelves.scores,
    prompts,
    meanNorm: norm,
    patience: PATIENCE,
    judge,
    onGeneration: (tokens) => {
      options.onGeneration(tokens);
      onStage({ stage: "starts", done: kept });
    },
    onProgress: (done) => {
      kept = done;
      onStage({ stage: "starts", done });
    },
  });
  return {
    starts: starts.map(({ prompt, text, latent, strength }) => ({
      prompt,
      text,
      subject: options.labelOf(latent),
      steering: { latent, strength },
    })),
    tally,
    meanNorm: norm,
  };
}

/** As long as the longest start: longer spans are not judged. */
function calibrationAnswers(candidates: readonly AnswerCandidate[]): Answer[] {
  return candidates.slice(0, CALIBRATION_ANSWERS).map(({ prompt, generation }) => {
    const end = generation.offsets[LONGEST_START] ?? generation.text.length;
    return {
      prompt,
      text: generation.text.slice(0, end),
      tokens: Int32Array.from(generation.tokens.slice(0, LONGEST_START)),
      offsets: Int32Array.from(generation.offsets.slice(0, LONGEST_START)),
    };
  });
}

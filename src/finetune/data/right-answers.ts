/** Right answers: the model's own, unsteered and complete, short or at the length of a trial, several to each prompt. */
import { chatTokens } from "../../engine/chat-tokens.ts";
import { type Engine, GREEDY, type Sampling } from "../../engine/engine.ts";
import { repetitionOf } from "../../judge/fluency.ts";
import { createRng } from "../../stats/rng.ts";
import { type KeptGeneration, keepGenerations } from "./keep-generations.ts";
import { cutAtSentence, endsSentence } from "./sentence-cut.ts";
import type { Shelf } from "./shelf.ts";
import { drop, emptyTally, type Tally } from "./tally.ts";
import { stemsIn, taskStems } from "./task-words.ts";
import { flawOfText } from "./text-flaws.ts";

export interface AnswerStyle {
  /** Begins the ids of its generations. */
  name: string;
  /** Asked for behind the question, in turn; the stored prompt is the bare question. */
  asks: readonly string[];
  sampling: Omit<Sampling, "seed">;
}

/** Asked to be short, so that the model finishes; at a low temperature, because at that of trials a small model's facts are worse than it knows. */
export const SHORT: AnswerStyle = {
  name: "answer",
  asks: [
    " Answer in one short paragraph.",
    " Give a short, practical answer in plain prose.",
    " Answer in a few sentences.",
  ],
  sampling: { ...GREEDY, temperature: 0.3, repetitionPenalty: 1.05, maxTokens: 120 },
};

/** As trials are sampled: of several paragraphs, so that the end of the first is not where a normal answer ends, nor where one begins again. */
export const LONG: AnswerStyle = {
  name: "long",
  asks: [""],
  sampling: { ...GREEDY, temperature: 0.6, repetitionPenalty: 1.1, maxTokens: 300 },
};

const LEAST_TOKENS = 24;
/** Share of repeated n-grams; a list that goes round in circles has more. */
const MOST_REPETITION = 0.2;

/** Beginning with itself in place of the reader. */
const FIRST_PERSON = /^\W*(?:\d+\W+)?I(?:['’](?:m|d|ll))?\s/;
/** "1. 1. 2." and items without text. */
const BROKEN_LIST = /^\s*\d+[.)]\s+(?:\d+[.)]|$)/m;

export interface AnswerCandidate {
  id: string;
  prompt: string;
  generation: KeptGeneration;
}

export interface GenerateAnswersOptions {
  engine: Engine;
  style: AnswerStyle;
  prompts: readonly string[];
  /** Answers to each prompt. */
  rounds: number;
  seed: number;
  shelf: Shelf<KeptGeneration>;
  signal?: AbortSignal | undefined;
  onGeneration?: ((tokens: number) => void) | undefined;
}

/** Every prompt once a round, each round with the next of the style's asks. */
export async function generateAnswers(options: GenerateAnswersOptions): Promise<AnswerCandidate[]> {
  const { engine, style, prompts, rounds, seed, shelf, signal, onGeneration } = options;
  const { name, asks, sampling } = style;
  const candidates = Array.from({ length: rounds * prompts.length }, (_, i) => {
    const prompt = prompts[i % prompts.length] ?? "";
    const round = Math.floor(i / prompts.length);
    return { id: `${name}-${round}-${i % prompts.length}`, prompt, round, stream: i + 1 };
  });
  const requests = await Promise.all(
    candidates.map(async ({ id, prompt, round, stream }) => {
      const content = `${prompt}${asks[round % asks.length]}`;
      return {
        id,
        tokens: await chatTokens({ engine, messages: [{ role: "user", content }] }),
        sampling: { ...sampling, seed: createRng({ seed, stream }).below(2 ** 48) },
      };
    }),
  );
  const generations = await keepGenerations({ engine, requests, shelf, signal, onGeneration });
  return candidates.flatMap(({ id, prompt }, i) => {
    const generation = generations[i];
    return generation === undefined ? [] : [{ id, prompt, generation }];
  });
}

/** The answers that are complete and sound, by prompt, in the order of their rounds; none twice. */
export function chooseAnswers({ candidates }: { candidates: readonly AnswerCandidate[] }): {
  answers: Map<string, string[]>;
  tally: Tally;
} {
  const tally = { ...emptyTally(), made: candidates.length };
  const answers = new Map<string, string[]>();
  for (const { prompt, generation } of candidates) {
    const text = wholeSentences(generation);
    const known = answers.get(prompt) ?? [];
    const reason = known.includes(text) ? "repeated" : flawOfAnswer({ prompt, generation });
    if (reason !== null) drop(tally, reason);
    else {
      answers.set(prompt, [...known, text]);
      tally.kept += 1;
    }
  }
  return { answers, tally };
}

export interface AnswerUnderTest {
  prompt: string;
  generation: KeptGeneration;
}

/** The text; of one that was too long, its whole sentences, but nothing of a list, which would end in the middle. */
function wholeSentences(generation: KeptGeneration): string {
  if (generation.finish === "stop") return generation.text.trim();
  if (/^\s*(?:\d+[.)]|[-*•])\s/m.test(generation.text)) return "";
  return (
    cutAtSentence({ ...generation, least: LEAST_TOKENS, aim: generation.tokens.length })?.text.trim() ?? ""
  );
}

/**
 * Why a generation is no right answer; null if it may be one. Without the judge: unsteered answers at a low temperature are on topic, and
 * an answer that names nothing of its task is found by its words.
 */
export function flawOfAnswer({ prompt, generation }: AnswerUnderTest): string | null {
  const { tokens } = generation;
  const text = wholeSentences(generation);
  if (text === "") return "too-long";
  if (tokens.length < LEAST_TOKENS) return "too-short";
  if (!endsSentence(text)) return "no-sentence-end";
  if (FIRST_PERSON.test(text)) return "self-talk";
  if (BROKEN_LIST.test(text)) return "broken-list";
  if (repetitionOf({ tokens, span: { from: 0, to: tokens.length } }) > MOST_REPETITION) return "repetitive";
  const stems = taskStems(prompt);
  if (stemsIn({ text, stems }) * 2 < stems.length) return "off-topic";
  return flawOfText(text);
}

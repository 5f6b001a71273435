/** Texts in which the model starts over, as tokens, with the tokens of the restart phrase marked. */
import { chatTokens } from "../../engine/chat-tokens.ts";
import type { Engine } from "../../engine/engine.ts";
import { plainTokens } from "../../engine/plain-tokens.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import type { Answer } from "../detectors/answers.ts";
import { derangements } from "../detectors/pairings.ts";

export interface RestartText {
  /** Question in the template, and answer. */
  tokens: Int32Array;
  /** The answer's first token. */
  from: number;
  /** Tokens of the phrase, `[start, end)`, counted from the first one of all. */
  phrase: { start: number; end: number };
}

/** An answer in three parts: what is taken back, the phrase that says so, and what follows. Blanks before a part belong to it. */
export interface RestartParts {
  prompt: string;
  before: string;
  phrase: string;
  after: string;
}

export interface RestartTextOptions extends RestartParts {
  engine: Engine;
  /** Of the part before and of the part after, each. */
  maxTokens: number;
}

/** Parts are tokenized apart, so that the phrase begins and ends with tokens of its own. Throws PROMPT_EMPTY, TEMPLATE_INVALID. */
export async function restartText(options: RestartTextOptions): Promise<RestartText> {
  const { engine, prompt, before, phrase, after, maxTokens } = options;
  const question = await chatTokens({ engine, messages: [{ role: "user", content: prompt }] });
  const [first, middle, last] = await Promise.all(
    [before, phrase, after].map((text) => tokenized(engine, text)),
  );
  const parts = [
    question,
    first?.subarray(0, maxTokens) ?? EMPTY,
    middle ?? EMPTY,
    last?.subarray(0, maxTokens) ?? EMPTY,
  ];
  const start = (parts[0]?.length ?? 0) + (parts[1]?.length ?? 0);
  return {
    tokens: Int32Array.from(parts.flatMap((part) => [...part])),
    from: question.length,
    phrase: { start, end: start + (parts[2]?.length ?? 0) },
  };
}

const EMPTY = new Int32Array(0);

async function tokenized(engine: Engine, text: string): Promise<Int32Array> {
  return text === "" ? EMPTY : await plainTokens({ engine, text });
}

/** Ways to say that the answer was off topic and starts over, from plain to apologetic. */
export const RESTART_SENTENCES = [
  "Wait, that's not what you asked. Let me start again.",
  "Sorry, I went off topic. Let me answer your question.",
  "Hold on, this has nothing to do with your question. Let me try again.",
  "I apologize, that was a mistake. Here is the answer that you asked for.",
  "Actually, I made an error there. Let me correct that.",
  "Hmm, I got distracted. Back to your question.",
  "Oops, that was the wrong subject. Starting over:",
  "Let me stop here, because I was not answering you. Once more from the beginning.",
] as const;

/**
 * One text an answer: the beginning of the answer to another question, a restart sentence, and the answer. They show what fires when a model reads
 * that it starts over, where it does so too seldom by itself. At least two answers.
 */
export function madeRestarts({
  answers,
  seed,
}: {
  answers: readonly Answer[];
  seed: number;
}): RestartParts[] {
  const [partners = []] = derangements({ items: answers.length, count: 1, rng: createRng({ seed }) });
  const order = shuffle(RESTART_SENTENCES, createRng({ seed, stream: 1 }));
  return answers.map(({ prompt, response }, i) => ({
    prompt,
    before: answers[partners[i] ?? i]?.response.trim() ?? "",
    phrase: ` ${order[i % order.length] ?? RESTART_SENTENCES[0]}`,
    after: ` ${response.trim()}`,
  }));
}

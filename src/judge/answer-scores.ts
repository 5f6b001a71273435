/** Scores unsteered answers as what they are (on topic) and as what they are not: answers to other prompts, and shuffled tokens. */
import type { Engine } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { createRng } from "../stats/rng.ts";
import { shuffle } from "../stats/shuffle.ts";
import { LEAST_SPAN_TOKENS } from "./attempt-scores.ts";
import { chooseContrasts } from "./contrast-set.ts";
import { derange } from "./derangement.ts";
import { flawOfScores, type GivenPrompt, type RenderPrompt, scoreGivenPrompt } from "./given-prompt.ts";

/** An unsteered answer of the model that is calibrated. */
export interface Answer {
  /** The user's text. */
  prompt: string;
  tokens: Int32Array;
  text: string;
  /** UTF-16 offset in `text` at which each token begins, `[tokens]`. */
  offsets: Int32Array;
}

/** Log-probabilities of one answer, each `[tokens]`. */
export interface AnswerScores {
  answer: Answer;
  own: Float32Array;
  /** Given the prompt of another answer. */
  deranged: Float32Array;
  /** Given contrast prompts, which are of neither task; in the fixed order of contrasts. */
  contrasts: Float32Array[];
  /** The same words in random order, given the own prompt. */
  shuffled: { tokens: Int32Array; logProbs: Float32Array };
}

export interface ScoreAnswersOptions {
  engine: Engine;
  render: RenderPrompt;
  answers: readonly Answer[];
  /** As `orderContrasts` gives them. */
  ordered: readonly string[];
  contrastSize: number;
  seed: number;
  signal?: AbortSignal | undefined;
}

/** Answers too short to be scored are left out. Throws JUDGE_UNCALIBRATED if the rest can't be deranged or scored. */
export async function scoreAnswers(options: ScoreAnswersOptions): Promise<AnswerScores[]> {
  const { engine, render, ordered, contrastSize, seed, signal } = options;
  const answers = options.answers.filter(({ tokens }) => tokens.length >= LEAST_SPAN_TOKENS);
  const partner = derangeAnswers({ answers, seed });
  const plans = answers.map((answer, i) => {
    const other = answers[partner[i] ?? i]?.prompt ?? answer.prompt;
    const contrasts = chooseContrasts({ ordered, size: contrastSize, exclude: [answer.prompt, other] });
    const rng = createRng({ seed, stream: i + 1 });
    const scrambled = Int32Array.from(shuffle(wordsOf(answer), rng).flat());
    return { answer, other, contrasts, scrambled };
  });
  const pairs: GivenPrompt[] = [];
  const give = async (name: string, prompt: string, response: Int32Array) => {
    pairs.push({ id: name, prompt: await render(prompt), response });
  };
  for (const [i, { answer, other, contrasts, scrambled }] of plans.entries()) {
    await give(`${i} own`, answer.prompt, answer.tokens);
    await give(`${i} deranged`, other, answer.tokens);
    await give(`${i} shuffled`, answer.prompt, scrambled);
    for (const [k, contrast] of contrasts.entries())
      await give(`${i} contrast ${k}`, contrast, answer.tokens);
  }
  const found = new Map<string, Float32Array>();
  for await (const { id, logProbs } of scoreGivenPrompt({ engine, pairs, signal })) found.set(id, logProbs);
  return plans.map(({ answer, contrasts, scrambled }, i) => {
    const row = (name: string) => usable({ logProbs: found.get(`${i} ${name}`), answer });
    return {
      answer,
      own: row("own"),
      deranged: row("deranged"),
      contrasts: contrasts.map((_, k) => row(`contrast ${k}`)),
      shuffled: { tokens: scrambled, logProbs: row("shuffled") },
    };
  });
}

/** The tokens of each word with the white space before it. */
function wordsOf({ tokens, text, offsets }: Answer): number[][] {
  const words: number[][] = [];
  tokens.forEach((token, t) => {
    const opens = /^\s/.test(text.slice(offsets[t] ?? text.length, offsets[t + 1] ?? text.length));
    const word = words.at(-1);
    if (word === undefined || opens) words.push([token]);
    else word.push(token);
  });
  return words;
}

/** Log-probabilities of a response under its prompt and contrasts, each `[tokens]`. */
export interface ContrastedScores {
  tokens: Int32Array;
  own: Float32Array;
  /** In the fixed order of contrasts. */
  contrasts: Float32Array[];
}

type Response = Pick<Answer, "prompt" | "tokens">;

export interface ScoreContrastedOptions<T extends Response>
  extends Pick<ScoreAnswersOptions, "engine" | "render" | "ordered" | "contrastSize" | "signal"> {
  answers: readonly T[];
}

/** Responses of any kind as what they are; those too short to be scored, or that the model can't score, are left out. */
export async function scoreContrasted<T extends Response>(
  options: ScoreContrastedOptions<T>,
): Promise<(T & ContrastedScores)[]> {
  const { engine, render, ordered, contrastSize, signal } = options;
  const answers = options.answers.filter(({ tokens }) => tokens.length >= LEAST_SPAN_TOKENS);
  const pairs: GivenPrompt[] = [];
  for (const [i, { prompt, tokens }] of answers.entries()) {
    const contrasts =
      contrastSize === 0 ? [] : chooseContrasts({ ordered, size: contrastSize, exclude: [prompt] });
    for (const [k, text] of [prompt, ...contrasts].entries()) {
      pairs.push({ id: `${i} ${k}`, prompt: await render(text), response: tokens });
    }
  }
  const found = new Map<string, Float32Array>();
  for await (const { id, logProbs } of scoreGivenPrompt({ engine, pairs, signal })) found.set(id, logProbs);
  return answers.flatMap((answer, i) => {
    const { tokens } = answer;
    const rows = Array.from(
      { length: contrastSize + 1 },
      (_, k) => found.get(`${i} ${k}`) ?? new Float32Array(),
    );
    if (rows.some((logProbs) => flawOfScores({ logProbs, tokens: tokens.length }) !== null)) return [];
    const [own = new Float32Array(), ...contrasts] = rows;
    return [{ ...answer, own, contrasts }];
  });
}

function derangeAnswers({ answers, seed }: { answers: readonly Answer[]; seed: number }): number[] {
  try {
    return derange({ groups: answers.map(({ prompt }) => prompt), seed });
  } catch (cause) {
    throw uncalibrated(
      "More than half of its answers are to one prompt, so they can't be judged against others.",
      cause,
    );
  }
}

function usable({ logProbs, answer }: { logProbs: Float32Array | undefined; answer: Answer }): Float32Array {
  const scores = logProbs ?? new Float32Array();
  const flaw = flawOfScores({ logProbs: scores, tokens: answer.tokens.length });
  if (flaw === null) return scores;
  throw uncalibrated(`An answer could not be scored: ${flaw}.`);
}

function uncalibrated(why: string, cause?: unknown): CountersteerError {
  return new CountersteerError("JUDGE_UNCALIBRATED", {
    what: "The likelihood judge could not be calibrated for this model.",
    why,
    todo: "Calibrate with unsteered answers to many prompts.",
    cause,
  });
}

/** Log-probabilities of responses given prompts, under the unsteered model. */
import type { Engine } from "../engine/engine.ts";

export interface GivenPrompt {
  /** Unique within a call. */
  id: string;
  /** What the response is read after, template included; at least one token. */
  prompt: Int32Array;
  /** At least one token. */
  response: Int32Array;
}

export interface ResponseScores {
  id: string;
  /** Natural log-probability of each response token, `[response]`. */
  logProbs: Float32Array;
}

export interface ScoreGivenPromptOptions {
  engine: Engine;
  pairs: readonly GivenPrompt[];
  signal?: AbortSignal | undefined;
}

/** All pairs in one call of the engine, in the order in which they finish. Throws what the engine throws, for example CONTEXT_OVERFLOW. */
export async function* scoreGivenPrompt({
  engine,
  pairs,
  signal,
}: ScoreGivenPromptOptions): AsyncIterable<ResponseScores> {
  if (pairs.length === 0) return;
  const requests = pairs.map(({ id, prompt, response }) => {
    const tokens = new Int32Array(prompt.length + response.length);
    tokens.set(prompt);
    tokens.set(response, prompt.length);
    return { id, tokens, from: prompt.length };
  });
  for await (const { id, logProbs } of engine.score(requests, signal === undefined ? {} : { signal })) {
    yield { id, logProbs };
  }
}

export type RenderPrompt = (userText: string) => Promise<Int32Array>;

/** Remembers rendered prompts: an experiment repeats its prompts hundreds of times. A failed rendering is tried again. */
export function rememberPrompts(render: RenderPrompt): RenderPrompt {
  const known = new Map<string, Promise<Int32Array>>();
  return (userText) => {
    const rendered = known.get(userText) ?? render(userText);
    known.set(userText, rendered);
    rendered.catch(() => known.delete(userText));
    return rendered;
  };
}

/** Why log-probabilities can't be used; null if they can. */
export function flawOfScores({
  logProbs,
  tokens,
}: {
  logProbs: Float32Array;
  tokens: number;
}): string | null {
  if (logProbs.length !== tokens) return `the engine scored ${logProbs.length} of ${tokens} tokens`;
  const bad = logProbs.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? null : `the log-probability of token ${bad} is ${logProbs[bad]}`;
}

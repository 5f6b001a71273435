/** The token sequence of an answer under a prompt, and where the part that counts begins. */
import { chatTokens, conversationTokens } from "../../engine/chat-tokens.ts";
import type { Engine } from "../../engine/engine.ts";
import { plainTokens } from "../../engine/plain-tokens.ts";
import type { Answer } from "./answers.ts";
import type { TokenScope } from "./rules.ts";

export interface AnswerTokens {
  tokens: Int32Array;
  /** Index of the first token that counts. */
  from: number;
  /** Tokens of the question and of the template before the answer. */
  promptTokens: number;
}

export interface AnswerTokensOptions extends Answer {
  engine: Engine;
  scope: TokenScope;
  /** Of the answer; the rest is cut off. */
  maxTokens: number;
}

/**
 * `response` is tokenized apart from the question, as at generation. `all` is the whole conversation in the template without a generation
 * prompt, as the published finder reads it (METHOD.md 8.1). Throws PROMPT_EMPTY, TEMPLATE_INVALID.
 */
export async function answerTokens(options: AnswerTokensOptions): Promise<AnswerTokens> {
  const { engine, prompt, response, scope, maxTokens } = options;
  const question = await chatTokens({ engine, messages: [{ role: "user", content: prompt }] });
  const promptTokens = question.length;
  if (scope === "all") {
    const tokens = await conversationTokens({
      engine,
      messages: [
        { role: "user", content: prompt },
        { role: "assistant", content: response },
      ],
      addGenerationPrompt: false,
    });
    return { tokens: tokens.subarray(0, promptTokens + maxTokens), from: 0, promptTokens };
  }
  const answer = (await plainTokens({ engine, text: response })).subarray(0, maxTokens);
  const tokens = new Int32Array(promptTokens + answer.length);
  tokens.set(question);
  tokens.set(answer, promptTokens);
  return { tokens, from: promptTokens, promptTokens };
}

/** Labels by a language model, from contexts in which the latent fires. The wording is our own. */
import { z } from "zod";
import type { LlmAnswer, LlmClient } from "../llm/llm-client.ts";
import { markedText } from "./show-context.ts";
import type { TextContext } from "./text-context.ts";

const LLM_LABEL_VERSION = "latent-label/1";

export interface LlmLabel {
  label: string;
  /** 0-100, by the model itself. */
  confidence: number;
}

const answerSchema = z.strictObject({
  reasoning: z.string(),
  label: z.string().min(1).max(120),
  confidence: z.number().min(0).max(100),
});

const SYSTEM = `You name the features of a language model. A feature is a direction in the model's activations; it fires on some tokens and is silent on all others.
You are given excerpts in which one feature fires, the strongest first. The tokens on which it fires are set in «these marks». A feature can only react to what stands at or before the marked token.
Find what the marked tokens, or the texts before them, have in common, and name it so that somebody could tell from the name alone whether the feature fires in a new text.
The name is a noun phrase of 2 to 10 words. Name the thing itself ("medieval castles", "the word 'only'", "commas in lists of food"), without "references to" or "text about". Be as specific as all excerpts allow; if they have nothing in common, say so in the name and give a low confidence.`;

export interface LlmLabelOptions {
  client: LlmClient;
  contexts: readonly TextContext[];
  /** Texts of the most promoted tokens; empty where unknown. */
  promoted: readonly string[];
  signal?: AbortSignal | undefined;
}

/** One request. Throws what the client throws; any other failure is the answer. */
export async function llmLabel({
  client,
  contexts,
  promoted,
  signal,
}: LlmLabelOptions): Promise<LlmAnswer<LlmLabel>> {
  const excerpts = contexts.map(
    (context, i) => `${i + 1}. ${markedText({ context, mark: (text) => `«${text}»` }).trim()}`,
  );
  const likely =
    promoted.length === 0
      ? ""
      : `\n\nTokens that the feature makes more likely to come next: ${promoted.map((text) => JSON.stringify(text)).join(", ")}`;
  return await client.complete({
    system: SYSTEM,
    prompt: `Excerpts:\n\n${excerpts.join("\n")}${likely}\n\nSay in a sentence or two what they have in common (reasoning), then give the name (label) and how sure you are of it from 0 to 100 (confidence).`,
    schema: answerSchema,
    promptVersion: LLM_LABEL_VERSION,
    maxTokens: 600,
    signal,
  });
}

/** The one way from messages to token ids: generation, scoring and activation reads all go through it, so that they see equal prompts. */
import { CountersteerError } from "../errors.ts";
import { type ChatMessage, renderChat } from "../model/chat.ts";
import type { Engine } from "./engine.ts";

export interface ChatTokensOptions {
  engine: Pick<Engine, "info" | "tokenize">;
  messages: ChatMessage[];
  /** Text that the assistant's turn already begins with. */
  prefill?: string;
}

/** Token ids of a chat that ends where the assistant begins to answer. Throws PROMPT_EMPTY and TEMPLATE_INVALID. */
export async function chatTokens({ engine, messages, prefill = "" }: ChatTokensOptions): Promise<Int32Array> {
  for (const { role, content } of messages) {
    if (content.trim() === "") {
      throw new CountersteerError("PROMPT_EMPTY", {
        what: `The ${role} message is empty.`,
        why: "A trial needs a question.",
        todo: "Give a prompt with text in it.",
        facts: { role },
      });
    }
  }
  const { chatTemplate, bosText, eosText } = engine.info;
  const text = renderChat({ template: chatTemplate, messages, addGenerationPrompt: true, bosText, eosText });
  return engine.tokenize(text + prefill);
}

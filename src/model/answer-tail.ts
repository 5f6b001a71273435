/** What a chat template writes behind an answer: its end token first, then whatever stands between turns. */
import { type RenderChatOptions, renderChat } from "./chat.ts";

const ANSWER = "countersteer";

/** Throws TEMPLATE_INVALID. */
export function answerTail(options: Pick<RenderChatOptions, "template" | "bosText" | "eosText">): string {
  const text = renderChat({
    ...options,
    messages: [
      { role: "user", content: "Hi" },
      { role: "assistant", content: ANSWER },
    ],
    addGenerationPrompt: false,
  });
  return text.slice(text.lastIndexOf(ANSWER) + ANSWER.length);
}

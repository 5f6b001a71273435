/** Renders a conversation as the text that the model was trained on, by the chat template in its weights file. */
import { Template } from "@huggingface/jinja";
import { CountersteerError, messageOf } from "../errors.ts";
import { strftime } from "./strftime.ts";

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface RenderChatOptions {
  /** Jinja source; null for a model without a template. */
  template: string | null;
  messages: readonly ChatMessage[];
  /** True: the text ends where the assistant's answer begins. */
  addGenerationPrompt: boolean;
  bosText: string;
  eosText: string;
  /** What a template that asks for today's date is told. Fixed by default, so that a run can be repeated on another day. */
  date?: Date;
}

/** The date that Llama 3's template falls back to (METHOD.md 2.4). */
const FIXED_DATE = new Date(Date.UTC(2024, 6, 26));

// The renderer's own strftime_now reads the clock and can't be replaced from outside; a template may reassign it, though.
// The line break is eaten by the block before it.
const FIX_CLOCK = "{% set strftime_now = countersteer_strftime %}\n";

/** The rendered text, special tokens included. Throws TEMPLATE_INVALID if there is no template, or if it fails or refuses the messages. */
export function renderChat({
  template,
  messages,
  addGenerationPrompt,
  bosText,
  eosText,
  date = FIXED_DATE,
}: RenderChatOptions): string {
  if (template === null || template === "") {
    throw new CountersteerError("TEMPLATE_INVALID", {
      what: "The model has no chat template.",
      why: "Its GGUF file carries none (tokenizer.chat_template); base models usually don't.",
      todo: "Use an instruction-tuned model, or give the prompt as plain text.",
    });
  }
  try {
    return new Template(FIX_CLOCK + template).render({
      messages: messages.map(({ role, content }) => ({ role, content })),
      add_generation_prompt: addGenerationPrompt,
      bos_token: bosText,
      eos_token: eosText,
      countersteer_strftime: (format: string) => strftime({ date, format }),
    });
  } catch (cause) {
    throw new CountersteerError("TEMPLATE_INVALID", {
      what: "The model's chat template could not be applied to the messages.",
      why: `It failed: ${messageOf(cause)}.`,
      todo: "Check the order of roles (some models allow no system message), or use a model file with another template.",
      facts: { roles: messages.map((message) => message.role) },
      cause,
    });
  }
}

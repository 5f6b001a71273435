/** The text around a question and behind an answer, by a model's chat template. */
import { CountersteerError } from "../../errors.ts";
import { answerTail } from "../../model/answer-tail.ts";
import { renderChat } from "../../model/chat.ts";

export interface ChatTemplate {
  /** Jinja source. */
  template: string | null;
  bosText: string;
  eosText: string;
}

export interface ChatFrame {
  /** Everything up to where the assistant's answer begins, special tokens included. */
  before: (prompt: string) => string;
  /** The token that ends an answer, as text. */
  end: string;
}

/** Control tokens are written in angle brackets by every template that is known. */
const CONTROL = /^\s*(?<token><[^<>\s]+>)/;

/** Throws TEMPLATE_INVALID. */
export function chatFrame({ template, bosText, eosText }: ChatTemplate): ChatFrame {
  const before = (prompt: string) =>
    renderChat({
      template,
      messages: [{ role: "user", content: prompt }],
      addGenerationPrompt: true,
      bosText,
      eosText,
    });
  const tail = answerTail({ template, bosText, eosText });
  const end = CONTROL.exec(tail)?.groups?.token ?? eosText;
  if (end === "") {
    throw new CountersteerError("TEMPLATE_INVALID", {
      what: "The chat template has no token that ends an answer.",
      why: "It writes no control token after one, and no end-of-sequence token is known.",
      todo: "Use the template of an instruction-tuned model.",
      facts: { tail: tail.slice(0, 80) },
    });
  }
  return { before, end };
}

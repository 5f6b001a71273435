/** The token with which an assistant's turn ends. */
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import { answerTail } from "../../model/answer-tail.ts";

/** The part of an engine that turns text into tokens. */
export type Tokeniser = Pick<Engine, "info" | "tokenize" | "detokenize">;

/** What the chat template writes after an answer, and the end-of-sequence token of a template that writes nothing there. Throws TEMPLATE_INVALID. */
export async function endOfTurn({ engine }: { engine: Tokeniser }): Promise<number> {
  const { chatTemplate: template, bosText, eosText } = engine.info;
  const tail = answerTail({ template, bosText, eosText });
  for (const candidate of [tail, eosText]) {
    const [first] = await engine.tokenize(candidate);
    // a control token has no text
    if (first !== undefined && (await engine.detokenize(Int32Array.of(first))) === "") return first;
  }
  throw new CountersteerError("TEMPLATE_INVALID", {
    what: "The model has no token that ends an answer.",
    why: "Its chat template writes no control token after one, and its file names no end-of-sequence token.",
    todo: "Use an instruction-tuned model.",
    facts: { tail: tail.slice(0, 80) },
  });
}

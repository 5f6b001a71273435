/** The sequences that a dictionary is evaluated on: which rows are measured and replaced, and which tokens are scored. */
import { chatTokens } from "../engine/chat-tokens.ts";
import type { Engine } from "../engine/engine.ts";
import { documentWindows, type TokenWindow } from "./document-tokens.ts";
import type { Document } from "./documents.ts";

export interface EvaluationWindow extends TokenWindow {
  /** Number of the document, in the order of reading. */
  document: number;
  /**
   * First token whose log-probability counts: the answer's first, for a model was not trained to predict questions, and in a plain text
   * the first after a measured row. Equals the number of tokens where none counts.
   */
  scoreFrom: number;
}

export interface EvaluationWindowsOptions {
  engine: Engine;
  document: Document;
  /** The document's number. */
  number: number;
  context: number;
  skipFirst: number;
  skipPrefix: number;
}

/** Throws TEMPLATE_INVALID, PROMPT_EMPTY. */
export async function evaluationWindows(options: EvaluationWindowsOptions): Promise<EvaluationWindow[]> {
  const { engine, document, number, context, skipFirst, skipPrefix } = options;
  // with nothing skipped no window is left out, so that positions add up
  const all = await documentWindows({ engine, document, context, skipFirst: 0, skipPrefix: 0 });
  const question = document.kind === "chat" ? await questionTokens({ engine, prompt: document.prompt }) : 0;
  let start = 0;
  const windows = all.map(({ tokens }, i) => {
    const skip = Math.max(skipFirst, document.kind === "chat" && i === 0 ? skipPrefix : 0);
    const scoreFrom = Math.min(tokens.length, Math.max(skip + 1, question - start));
    start += tokens.length;
    return { document: number, tokens, skip, scoreFrom };
  });
  return windows.filter(({ tokens, skip }) => tokens.length > skip);
}

async function questionTokens({ engine, prompt }: { engine: Engine; prompt: string }): Promise<number> {
  return (await chatTokens({ engine, messages: [{ role: "user", content: prompt }] })).length;
}

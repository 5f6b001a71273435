/** Answers of the unsteered model, on which detectors are found and controls are matched: made by the model or read from a file. */
import { readDocuments } from "../../activations/read-documents.ts";
import { chatTokens } from "../../engine/chat-tokens.ts";
import { type Engine, GREEDY, type Sampling } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";

export interface Answer {
  prompt: string;
  response: string;
}

export interface GenerateUnsteeredOptions {
  engine: Engine;
  prompts: readonly string[];
  /** Answers in all: the prompts are asked in turn, again from the first where there are fewer. */
  count: number;
  seed: number;
  /** @default temperature 0.6 as the paper, 200 tokens */
  sampling?: Partial<Omit<Sampling, "seed">>;
  signal?: AbortSignal | undefined;
  onAnswer?: (done: number) => void;
}

/** In the order of the asks. Throws what the engine throws. */
export async function generateUnsteered(options: GenerateUnsteeredOptions): Promise<Answer[]> {
  const { engine, prompts, count, seed, sampling, signal, onAnswer } = options;
  const asked = Array.from({ length: count }, (_, i) => prompts[i % prompts.length] ?? "");
  const requests = await Promise.all(
    asked.map(async (prompt, i) => ({
      id: String(i),
      tokens: await chatTokens({ engine, messages: [{ role: "user", content: prompt }] }),
      sampling: { ...GREEDY, temperature: 0.6, maxTokens: 200, ...sampling, seed: seed + i },
    })),
  );
  const responses = new Map<number, string>();
  for await (const { id, text } of engine.generate(requests, signal === undefined ? {} : { signal })) {
    responses.set(Number(id), text);
    onAnswer?.(responses.size);
  }
  return asked.map((prompt, i) => ({ prompt, response: responses.get(i) ?? "" }));
}

/** The chats of a JSONL file. Throws CONFIG_INVALID for a file that can't be read or holds plain text. */
export async function readAnswers({ file }: { file: string }): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const document of readDocuments({ files: [file] })) {
    if (document.kind !== "chat") {
      throw new CountersteerError("CONFIG_INVALID", {
        what: `${file} holds plain text.`,
        why: "An answer has to be told from its question, so that it can be read under another one.",
        todo: 'Give a .jsonl file with {"kind":"chat","prompt":"...","response":"..."} on each line.',
        facts: { file },
      });
    }
    answers.push({ prompt: document.prompt, response: document.response });
  }
  return answers;
}

/** The JSON of OpenAI's chat completions, whole and in chunks. */
import type { FinishReason, Generation } from "../../engine/engine.ts";

/** What all answers to one request share. */
export interface AnswerFacts {
  id: string;
  /** Unix seconds. */
  created: number;
  model: string;
  fingerprint: string;
}

export function completion({ facts, generations }: { facts: AnswerFacts; generations: Generation[] }) {
  return {
    ...head(facts),
    object: "chat.completion",
    choices: generations.map((generation) => ({
      index: Number(generation.id),
      message: { role: "assistant", content: generation.text, refusal: null },
      logprobs: null,
      finish_reason: finishReason(generation.finish),
      ...receiptOf(generation),
    })),
    usage: usage(generations),
  };
}

/** `withUsage`: the stream ends with a chunk of usage, so every other chunk has it as null. */
export function chunk({
  facts,
  choice,
  withUsage,
}: {
  facts: AnswerFacts;
  choice: { index: number; delta: Record<string, string>; end?: Generation };
  withUsage: boolean;
}) {
  const { index, delta, end } = choice;
  return {
    ...head(facts),
    object: "chat.completion.chunk",
    choices: [
      {
        index,
        delta,
        logprobs: null,
        finish_reason: end === undefined ? null : finishReason(end.finish),
        ...(end === undefined ? {} : receiptOf(end)),
      },
    ],
    ...(withUsage ? { usage: null } : {}),
  };
}

export function usageChunk({ facts, generations }: { facts: AnswerFacts; generations: Generation[] }) {
  return { ...head(facts), object: "chat.completion.chunk", choices: [], usage: usage(generations) };
}

function head({ id, created, model, fingerprint }: AnswerFacts) {
  return { id, created, model, system_fingerprint: fingerprint };
}

function usage(generations: Generation[]) {
  // the choices share their prompt
  const prompt = generations[0]?.promptTokens ?? 0;
  const answer = generations.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}

function finishReason(finish: FinishReason): "stop" | "length" {
  return finish === "length" ? "length" : "stop";
}

function receiptOf({ receipt }: Generation) {
  return receipt === null ? {} : { countersteer: { receipt } };
}

/**
 * Examples as TRL's SFTTrainer takes them without a script: plain `{prompt, completion}`, of which it trains the completion only. The prompt is
 * the rendered chat with the off-topic start as the beginning of the assistant's turn. (As a conversation it would not do: TRL closes an
 * assistant's turn before it opens the next.)
 */
import type { FinetuneRecord } from "../record.ts";

export interface TrlRow {
  prompt: string;
  completion: string;
}

export interface TrlRowOptions {
  record: FinetuneRecord;
  /** The text around a question and behind an answer, by the model's chat template. */
  frame: { before: (prompt: string) => string; end: string };
  /** Taken from the front of the prompt, for a tokenizer that adds it itself (Llama's does); empty keeps the template's text. */
  bosText: string;
}

/** Null for an example whose masked and trained parts alternate: TRL's prompt comes before its completion. */
export function trlRow({ record, frame, bosText }: TrlRowOptions): TrlRow | null {
  const first = record.segments.findIndex(({ trained }) => trained);
  if (record.segments.slice(first).some(({ trained }) => !trained)) return null;
  const textOf = (segments: FinetuneRecord["segments"]) => segments.map(({ text }) => text).join("");
  const rendered = frame.before(record.prompt);
  const before = bosText !== "" && rendered.startsWith(bosText) ? rendered.slice(bosText.length) : rendered;
  return {
    prompt: before + textOf(record.segments.slice(0, first)),
    completion: textOf(record.segments.slice(first)) + frame.end,
  };
}

/**
 * Examples as axolotl's `input_output` and our TRL script read them (METHOD.md 9.2): pieces of text with a mark on those that are trained. The
 * first piece is the whole chat template, BOS included, so neither trainer may add special tokens of its own, and neither does.
 */
import type { FinetuneRecord } from "../data/record.ts";
import type { ChatFrame } from "./chat-frame.ts";

export interface TemplateRow {
  segments: { label: boolean; text: string }[];
}

/** Neighbours with the same mark become one piece; the end of the turn is trained. */
export function templateRow({ record, frame }: { record: FinetuneRecord; frame: ChatFrame }): TemplateRow {
  const pieces = [
    { label: false, text: frame.before(record.prompt) },
    ...record.segments.map(({ trained, text }) => ({ label: trained, text })),
    { label: true, text: frame.end },
  ];
  const segments: TemplateRow["segments"] = [];
  for (const { label, text } of pieces) {
    const last = segments.at(-1);
    if (last?.label === label) last.text += text;
    else segments.push({ label, text });
  }
  return { segments };
}

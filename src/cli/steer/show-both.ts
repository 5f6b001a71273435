/** How `steer` shows its two answers, while they are written and at the end. */
import type { Generation, Intervention } from "../../engine/engine.ts";
import { layOutColumns } from "../columns.ts";
import { printable } from "../display-width.ts";
import type { Terminal } from "../terminal.ts";
import type { BothAnswers } from "./answer-both.ts";
import { receiptLines } from "./receipt-text.ts";

export interface Texts {
  unsteered: string;
  steered: string;
}

export function answerLines({ terminal, texts }: { terminal: Terminal; texts: Texts }): string[] {
  if (!terminal.isTTY) {
    return ["unsteered", texts.unsteered, "", "steered", texts.steered];
  }
  return layOutColumns({
    left: { title: "unsteered", text: printable(texts.unsteered) },
    right: { title: "steered", text: printable(texts.steered) },
    width: terminal.columns,
    style: (title) => terminal.style("bold", title),
  });
}

/** Everything below the answers: what was done, its proof, and the pace. */
export function summaryLines({
  terminal,
  answers,
  name,
}: {
  terminal: Terminal;
  answers: BothAnswers;
  name: string;
}): string[] {
  const { unsteered, steered, tokensPerSecond } = answers;
  const dim = (text: string) => terminal.style("dim", text);
  return [
    "",
    terminal.style("bold", name),
    ...(steered.receipt === null ? [] : receiptLines(steered.receipt)),
    dim(
      `${unsteered.tokens.length} + ${steered.tokens.length} tokens (${unsteered.finish}, ${steered.finish}), ` +
        `${tokensPerSecond.toFixed(0)} tokens/s`,
    ),
  ];
}

/** A generation in plain JSON. */
export function generationData({ text, tokens, promptTokens, finish, receipt }: Generation) {
  return { text, tokens: [...tokens], promptTokens, finish, receipt };
}

/** An intervention in plain JSON. */
export function interventionData({ layer, edits, positions }: Intervention) {
  return {
    layer,
    positions,
    edits: edits.map((edit) => {
      if (edit.kind === "add" && "vector" in edit.direction) {
        return { ...edit, direction: { vector: [...edit.direction.vector] } };
      }
      return edit.kind === "replace" && edit.by.kind === "vector"
        ? { ...edit, by: { ...edit.by, vector: [...edit.by.vector] } }
        : edit;
    }),
  };
}

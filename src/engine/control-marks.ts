/** Where a text spells what a tokenizer may read as one control token: `<|im_end|>`, `<end_of_turn>`, `</s>`. */
import type { ModelInfo } from "./engine.ts";

export type MarkFacts = Pick<ModelInfo, "chatTemplate" | "bosText" | "eosText" | "controlTexts">;

export interface Mark {
  text: string;
  /** UTF-16 offset. */
  at: number;
}

/** How templates write the ends of turns. A control text of another form is found by its name alone. */
const FORMS = /<[^\s<>]{1,64}>|\[\/?[A-Z_]{1,32}\]/;
/** Forms that are nothing else: `<|name|>`, and the one with wide bars. */
const ALWAYS = /^<(?:\|.*\||｜.*｜)>$/;
const NO_TEXTS: readonly string[] = [];

const patterns = new WeakMap<readonly string[], RegExp>();

/** In the text's order. Whether a mark is one token is the tokenizer's to say. */
export function marksIn(text: string, facts: MarkFacts): Mark[] {
  const { chatTemplate, bosText, eosText, controlTexts = NO_TEXTS } = facts;
  const ofModel = (mark: string) =>
    ALWAYS.test(mark) ||
    mark === bosText ||
    mark === eosText ||
    controlTexts.includes(mark) ||
    chatTemplate?.includes(mark) === true;
  return [...text.matchAll(patternOf(controlTexts))]
    .map((match) => ({ text: match[0], at: match.index }))
    .filter((mark) => ofModel(mark.text));
}

function patternOf(controlTexts: readonly string[]): RegExp {
  const known = patterns.get(controlTexts);
  if (known !== undefined) return known;
  // longest first, so that a text that begins with another one is found whole
  const names = [...controlTexts].sort((a, b) => b.length - a.length).map(escaped);
  const made = new RegExp([...names, FORMS.source].join("|"), "g");
  patterns.set(controlTexts, made);
  return made;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

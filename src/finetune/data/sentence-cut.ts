/** Cutting a text behind a sentence, so that no start of an answer ends within one. */
import { tokenSpan } from "../../judge/token-spans.ts";

export interface CutText {
  text: string;
  /** Tokens that the text consists of, counted from the first. */
  tokens: number;
}

export interface SentenceCutOptions {
  text: string;
  /** UTF-16 offset at which each token begins. */
  offsets: ArrayLike<number>;
  /** Tokens that the cut text has at least, and should have. */
  least: number;
  aim: number;
}

// the number of a list item or a decimal is no end of a sentence, nor is an initial
const SENTENCE_END =
  /(?<![\s(][A-Z]|^\s*\d+|\n\s*\d+|\b(?:e\.g|i\.e|etc|Mr|Mrs|Dr|St))[.!?]["'”’)]*(?=\s|$)/g;

/** Ends with the first sentence that makes it long enough, else with the last there is; null if that is shorter than `least`. */
export function cutAtSentence({ text, offsets, least, aim }: SentenceCutOptions): CutText | null {
  const begins = Int32Array.from(offsets);
  let best: CutText | null = null;
  for (const { index, 0: stop } of text.matchAll(SENTENCE_END)) {
    const end = index + stop.length;
    const tokens = tokenSpan({ text, offsets: begins, start: 0, end }).to;
    // a token that reaches across the cut would make other tokens of the cut text
    const clean = (begins[tokens] ?? text.length) >= end;
    if (!clean || tokens < least) continue;
    best = { text: text.slice(0, end), tokens };
    if (tokens >= aim) break;
  }
  return best;
}

/** True where a text ends as a finished one does. */
export function endsSentence(text: string): boolean {
  return /[.!?]["'”’)*]*$/u.test(text.trimEnd());
}

/** The whole word, or the sign, on which a latent fires: a token alone is often a part of a word. */
import { isControlText, type TextContext } from "./text-context.ts";

export type PeakKind = "word" | "number" | "punctuation" | "newline" | "control" | "other";

export interface Peak {
  kind: PeakKind;
  /** The whole word as written, or the sign without spaces. */
  text: string;
  /** What the word has before the peak token's own letters: "sn" for "ake" of "snake"; "" where the token begins the word. */
  before: string;
  /** The peak token without spaces, and what of the word follows it. */
  token: string;
  after: string;
  /** Index of the word's first token, and of the token behind its last. */
  start: number;
  end: number;
}

const STARTS_WITH_LETTER = /^\p{L}/u;
const ENDS_WITH_LETTER = /\p{L}$/u;
const ONLY_LETTERS_BEHIND_SPACE = /^\s?\p{L}+$/u;

export function peakOf({ tokens, peak }: Pick<TextContext, "tokens" | "peak">): Peak {
  const token = tokens[peak] ?? "";
  const trimmed = token.trim();
  const alone = { text: trimmed, before: "", token: trimmed, after: "", start: peak, end: peak + 1 };
  if (isControlText(token)) return { ...alone, kind: "control" };
  if (trimmed === "") return { ...alone, kind: token.includes("\n") ? "newline" : "other" };
  if (/^[\p{N}.,]*\p{N}[\p{N}.,]*$/u.test(trimmed)) return { ...alone, kind: "number" };
  if (!/\p{L}/u.test(trimmed))
    return { ...alone, kind: /^[\p{P}\p{S}]+$/u.test(trimmed) ? "punctuation" : "other" };
  if (/^['’]\p{L}{1,2}$/u.test(trimmed)) return { ...alone, kind: "word" };
  let start = peak;
  while (start > 0 && STARTS_WITH_LETTER.test(tokens[start] ?? "") && joinsRight(tokens[start - 1]))
    start -= 1;
  let end = peak + 1;
  while (end < tokens.length && ENDS_WITH_LETTER.test(tokens[end - 1] ?? "") && joinsLeft(tokens[end]))
    end += 1;
  const before = tokens.slice(start, peak).join("").trimStart();
  const after = tokens.slice(peak + 1, end).join("");
  return { kind: "word", text: before + trimmed + after, before, token: trimmed, after, start, end };
}

function joinsRight(text: string | undefined): boolean {
  return text !== undefined && ONLY_LETTERS_BEHIND_SPACE.test(text) && !isControlText(text);
}

function joinsLeft(text: string | undefined): boolean {
  return text !== undefined && /^\p{L}+$/u.test(text);
}

/** Whole words of a stretch of tokens, in order; words cut off at the ends of the context are left out. */
export function wordsOf(tokens: readonly string[]): string[] {
  const text = tokens.map((token) => (isControlText(token) ? "\n" : token)).join("");
  const words = [...text.matchAll(/\p{L}+(?:['’]\p{L}+)?/gu)];
  const cut = STARTS_WITH_LETTER.test(text) ? 1 : 0;
  return words.slice(cut).map(([word]) => word);
}

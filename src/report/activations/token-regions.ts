/**
 * From spans of a text to its tokens. A token belongs to the span in which its first character lies that is no white space, and a token of
 * white space alone to the one in which it begins: in " Wait", the blank belongs to the word and not to the sentence before it. A token that holds
 * the end of one span and the beginning of the next belongs to the first of them. So spans that meet share no token and leave out none.
 */

/** Half-open, in characters of the text or in tokens. */
export interface Span {
  start: number;
  end: number;
}

/** Tokens of a text, with the UTF-16 offset at which each begins. */
export interface TokenOffsets {
  text: string;
  offsets: ArrayLike<number>;
}

/** Tokens of a span; empty where no token belongs to it. */
export function tokensOfSpan({ text, offsets, start, end }: TokenOffsets & Span): Span {
  const from = firstTokenFrom({ text, offsets, at: start });
  return { start: from, end: Math.max(from, firstTokenFrom({ text, offsets, at: end })) };
}

/** The first token that belongs at or after an offset; their number where none does. */
export function firstTokenFrom({ text, offsets, at }: TokenOffsets & { at: number }): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placeOf({ text, offsets, token: middle }) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Offset by which a token is told to belong to a span. */
function placeOf({ text, offsets, token }: TokenOffsets & { token: number }): number {
  const start = offsets[token] ?? text.length;
  const blank = text.slice(start, offsets[token + 1] ?? text.length).search(/\S/);
  return start + Math.max(0, blank);
}

/** Which tokens make up a span of text. */

export interface TokenSpanOptions {
  text: string;
  /** UTF-16 offset in `text` at which each token begins, ascending, `[tokens]`. */
  offsets: Int32Array;
  /** Half-open, in UTF-16 units. */
  start: number;
  end: number;
}

export interface TokenSpan {
  /** Half-open, in tokens. */
  from: number;
  to: number;
}

/**
 * The tokens of `[start, end)`. A token across a boundary belongs to the side on which its first character that is no white space
 * stands: " Wait" belongs to the sentence that it opens. Disjoint spans have disjoint tokens; adjoining spans that cover the text cover all tokens.
 */
export function tokenSpan({ text, offsets, start, end }: TokenSpanOptions): TokenSpan {
  const from = firstAnchoredAt({ text, offsets, at: start });
  return { from, to: Math.max(from, firstAnchoredAt({ text, offsets, at: end })) };
}

/** The first token whose anchor lies at or after `at`; the number of tokens if none does. */
function firstAnchoredAt({ text, offsets, at }: { text: string; offsets: Int32Array; at: number }): number {
  let token = 0;
  while (token < offsets.length && anchorOf({ text, offsets, token }) < at) token += 1;
  return token;
}

function anchorOf({ text, offsets, token }: { text: string; offsets: Int32Array; token: number }): number {
  const begin = offsets[token] ?? text.length;
  const own = text.slice(begin, offsets[token + 1] ?? text.length);
  const space = own.search(/\S/);
  return space < 0 ? begin : begin + space;
}

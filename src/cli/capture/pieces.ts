/** Long texts are cut into pieces that fit the context. Pieces do not overlap: each token is read once, and the first of a piece sees nothing before it. */
export interface Piece {
  /** Index of its first token in the whole text. */
  start: number;
  tokens: Int32Array;
}

/** Pieces of `size` tokens, the last one shorter; together they are the text. */
export function cutPieces({ tokens, size }: { tokens: Int32Array; size: number }): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < tokens.length; start += size) {
    pieces.push({ start, tokens: tokens.slice(start, start + size) });
  }
  return pieces;
}

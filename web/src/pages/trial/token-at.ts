/** From places in a text to tokens and back. */
import type { Span } from "./find-words.ts";

/** The token that holds the UTF-16 unit at `at`; null before the first. Of several that begin at one place the last one holds text. */
export function tokenAt({ offsets, at }: { offsets: readonly number[]; at: number }): number | null {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : low - 1;
}

/** `length` is the text's. */
export function spanOfToken({
  offsets,
  token,
  length,
}: {
  offsets: readonly number[];
  token: number;
  length: number;
}): Span {
  const start = offsets[token] ?? length;
  return { start, end: Math.max(start, offsets[token + 1] ?? length) };
}

/** The first token that begins at or after `at`; the number of tokens where none does. */
export function firstTokenFrom({ offsets, at }: { offsets: readonly number[]; at: number }): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the words of a search stand in a text. */

export interface Span {
  start: number;
  end: number;
}

/** Spans in UTF-16 units, ascending, joined where they touch; without regard to case. */
export function findWords(text: string, search: string): Span[] {
  const words = search.split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0) return [];
  // longest first, so that of two words with one beginning the longer is found
  const sorted = words.sort((a, b) => b.length - a.length).map(escaped);
  const found: Span[] = [];
  for (const { 0: match, index: start } of text.matchAll(new RegExp(sorted.join("|"), "giu"))) {
    const end = start + match.length;
    const last = found.at(-1);
    if (last?.end === start) last.end = end;
    else found.push({ start, end });
  }
  return found;
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

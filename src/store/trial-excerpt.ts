/** The part of a response that a table shows: its beginning, or what was searched for. */

/** UTF-16 units. */
const LENGTH = 240;
/** Units before the word that is found. */
const BEFORE = 60;

/** Words of a search; each is to be found somewhere in the response or in the prompt, without regard to case. */
export function searchWords(search: string | undefined): string[] {
  return [...new Set((search ?? "").toLowerCase().split(/\s+/u))].filter((word) => word !== "");
}

export function excerptOf({ text, words }: { text: string; words: readonly string[] }): string {
  const folded = text.toLowerCase();
  // folding may change lengths in a few scripts, which moves the window a little
  const places = words.map((word) => folded.indexOf(word)).filter((at) => at >= 0);
  const first = places.length === 0 ? 0 : Math.min(...places);
  const start = first + LENGTH / 2 < LENGTH ? 0 : wholeCharacter(text, first - BEFORE);
  const end = wholeCharacter(text, start + LENGTH);
  return `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
}

/** The offset, or the one after it where it would cut a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}

/** Characters that would hide, reorder what stands around them, or not be drawn at all: each is shown as its code point instead. */

export interface OddCharacter {
  start: number;
  end: number;
  /** What is shown in its place. */
  shown: string;
}

// Joiners stay: Persian and emoji are written with them.
const ODD = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** In the order of the text, in UTF-16 units. The first half of a Windows line break is shown as nothing. */
export function oddCharacters(text: string): OddCharacter[] {
  return Array.from(text.matchAll(ODD), ({ 0: found, index: start }) => {
    const isBreak = found === "\r" && text[start + 1] === "\n";
    return { start, end: start + found.length, shown: isBreak ? "" : codePoint(found) };
  });
}

function codePoint(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

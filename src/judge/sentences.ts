/** Sentences of a text, by punctuation and line breaks. */

export interface Sentence {
  /** Half-open span in the text, without surrounding white space. */
  start: number;
  end: number;
  text: string;
  /** The line's bullet or number stands before it. */
  bulleted: boolean;
}

// ends at a line break, or at a stop before white space; a decimal point has none after it
const SENTENCE = /[^\n]+?(?:[.!?…]+[^\w\s(]*(?=\s|$)|(?=\n)|$)/g;
const BULLET = /^(?:[-*•+]|\d{1,2}[.)])(?=\s|$)/;

export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let afterNumber = false;
  for (const match of text.matchAll(SENTENCE)) {
    const raw = match[0];
    let start = match.index + (raw.length - raw.trimStart().length);
    const end = match.index + raw.trimEnd().length;
    const firstOfLine = text.lastIndexOf("\n", start - 1) + 1 === start - leadingSpaces(text, start);
    const bullet = firstOfLine ? BULLET.exec(text.slice(start, end)) : null;
    if (bullet !== null) {
      start += bullet[0].length;
    }
    // a dash between sentences belongs to neither
    while (start < end && /[\s—–…-]/.test(text.charAt(start))) start += 1;
    // "1." is cut off as a sentence of its own, the item follows
    if (start >= end) {
      afterNumber = bullet !== null;
      continue;
    }
    sentences.push({ start, end, text: text.slice(start, end), bulleted: bullet !== null || afterNumber });
    afterNumber = false;
  }
  return sentences;
}

function leadingSpaces(text: string, start: number): number {
  let count = 0;
  while (start - count > 0 && /[ \t]/.test(text.charAt(start - count - 1))) count += 1;
  return count;
}

/** Words with at least one letter or digit. */
export function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’.,/%-]*/gu)?.length ?? 0;
}

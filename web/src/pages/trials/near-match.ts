import { findWords } from "../trial/find-words.ts";

/** Characters before the first find: a cell of a table shows the beginning of its text only. */
const LEAD = 16;

/** The text from shortly before what a search finds first, at the beginning of a word where there is one. */
export function nearMatch(text: string, search: string): string {
  const start = findWords(text, search)[0]?.start ?? 0;
  if (start <= LEAD) return text;
  const space = text.slice(start - LEAD, start).search(/\s\S/u);
  const from = space < 0 ? start : start - LEAD + space + 1;
  return `…${text.slice(from)}`;
}

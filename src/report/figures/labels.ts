/** Names along an axis: cut in their middle where they are long, and the room that they take. */
import { visibleText } from "../visible-text.ts";

/** Pixels of a character at the figures' font size; on the wide side, for the reader's font is not known. */
const CHARACTER = 6.7;
const LONGEST = 30;

/** At most `longest` characters, with both ends kept, for names of arms often differ in their last word. */
export function shortLabel(text: string, longest = LONGEST): string {
  const points = [...visibleText(text).replaceAll(/\s+/g, " ")];
  if (points.length <= longest) return points.join("");
  const tail = Math.floor((longest - 1) * 0.4);
  return `${points.slice(0, longest - 1 - tail).join("")}…${points.slice(-tail).join("")}`;
}

/** Pixels that the widest of the labels takes as `shortLabel` shows it, with a gap to the axis. */
export function labelRoom(texts: readonly string[], longest = LONGEST): number {
  const widest = Math.max(0, ...texts.map((text) => displayLength(shortLabel(text, longest))));
  return Math.ceil(widest * CHARACTER) + 14;
}

function displayLength(text: string): number {
  let length = 0;
  // East Asian characters are about as wide as two letters
  for (const point of text) length += (point.codePointAt(0) ?? 0) >= 0x1100 ? 1.8 : 1;
  return length;
}

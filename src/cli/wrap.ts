/** Breaking text into lines of a screen. */
import { displayWidth, graphemesOf, graphemeWidth } from "./display-width.ts";

/** Lines of at most `width` columns, broken at spaces where there are any; the text's own line breaks stay. An empty text is one empty line. */
export function wrapText({ text, width }: { text: string; width: number }): string[] {
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, Math.max(2, width)));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  // words keep the spaces before them, so that indentation stays
  for (const word of paragraph.match(/\s*\S+/g) ?? []) {
    const wide = displayWidth(word);
    if (used + wide <= width) {
      line += word;
      used += wide;
      continue;
    }
    if (used > 0) lines.push(line);
    const pieces = breakWord(used > 0 ? word.trimStart() : word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? "";
    used = displayWidth(line);
  }
  lines.push(line);
  return lines;
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const grapheme of graphemesOf(word)) {
    const wide = graphemeWidth(grapheme);
    if (used + wide > width) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += grapheme;
    used += wide;
  }
  pieces.push(piece);
  return pieces;
}

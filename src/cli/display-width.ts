/** How many columns of a screen a text takes. */
import { stripVTControlCharacters } from "node:util";

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The characters as a person counts them. */
export function graphemesOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** Columns of one grapheme: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  if (/^[\p{Cc}\p{Mn}\p{Me}\p{Cf}]*$/u.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** Columns of a text; its colours take none. */
export function displayWidth(text: string): number {
  return graphemesOf(stripVTControlCharacters(text)).reduce((sum, each) => sum + graphemeWidth(each), 0);
}

/** The text, cut with an ellipsis where it is wider; a text that has to be cut loses its colours. */
export function fitWidth({ text, width }: { text: string; width: number }): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const grapheme of graphemesOf(stripVTControlCharacters(text))) {
    used += graphemeWidth(grapheme);
    if (used > width) break;
    kept += grapheme;
  }
  return `${kept}…`;
}

/** Model output made safe to print: line breaks stay, other control characters become visible and move no cursor. */
export function printable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", "    ")
    .replace(/\p{Cc}/gu, (control) => (control === "\n" ? control : picture(control.charCodeAt(0))));
}

/** Unicode's picture of a control character; those above 0x1f share that of DEL. */
function picture(code: number): string {
  return String.fromCharCode(code < 0x20 ? 0x2400 + code : 0x2421);
}

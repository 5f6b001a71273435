/** Two texts for comparison: beside each other where the screen is wide enough, else one after the other. */
import { displayWidth } from "./display-width.ts";
import { wrapText } from "./wrap.ts";

export interface Column {
  title: string;
  text: string;
}

export interface ColumnsOptions {
  left: Column;
  right: Column;
  /** Columns of the screen. */
  width: number;
  /** Styles a title; must add no columns. */
  style?: (title: string) => string;
}

const GAP = " │ ";
/** Two columns narrower than this are hard to read. */
const NARROWEST = 32;

/** Lines no wider than `width`. */
export function layOutColumns({ left, right, width, style = (title) => title }: ColumnsOptions): string[] {
  const column = Math.floor((width - GAP.length) / 2);
  if (column < NARROWEST) {
    return [left, right].flatMap(({ title, text }, at) => [
      ...(at > 0 ? [""] : []),
      style(title),
      ...wrapText({ text, width }),
    ]);
  }
  const lefts = wrapText({ text: left.text, width: column });
  const rights = wrapText({ text: right.text, width: column });
  const rows = Array.from({ length: Math.max(lefts.length, rights.length) }, (_, at) =>
    `${pad(lefts[at] ?? "", column)}${GAP}${rights[at] ?? ""}`.trimEnd(),
  );
  return [`${pad(style(left.title), column)}${GAP}${style(right.title)}`, ...rows];
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

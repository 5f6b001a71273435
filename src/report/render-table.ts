/** Tables of text: boxed and coloured on a terminal, bare aligned columns where a file or a pipe reads them. */
import { styleText } from "node:util";
import Table from "cli-table3";

export interface RenderTableOptions {
  head: string[];
  rows: string[][];
  /** Colours and frames; false gives plain text. */
  color: boolean;
  /** Alignment of each column. @default the first left, the others right */
  align?: ("left" | "right")[];
}

const BARE = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Without a line break at the end. */
export function renderTable({ head, rows, color, align }: RenderTableOptions): string {
  const colAligns = align ?? head.map((_, i) => (i === 0 ? "left" : "right"));
  // the colours are set here and not by the library, which looks at the environment
  const table = new Table({
    head: head.map((title) => (color ? paint("bold", title) : title)),
    colAligns,
    style: color
      ? { head: [], border: [], compact: true }
      : { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    ...(color ? {} : { chars: BARE }),
  });
  table.push(...rows);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { validateStream: false });
}

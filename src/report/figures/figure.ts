/** A figure as plain data: its picture, and exactly what the picture shows. */
import { stringify } from "csv-stringify/sync";

export type Cell = string | number | null;

export interface Figure {
  /** File name without its ending; lower-case letters, digits and hyphens. */
  name: string;
  title: string;
  /** What is drawn and how to read it, in a sentence or two. */
  description: string;
  /** Without a style sheet of its own; see `standaloneSvg`. */
  svg: string;
  columns: string[];
  /** One row a mark that stands for data; empty where there was nothing to draw, and then the picture says so. */
  rows: Cell[][];
}

/** With a heading; numbers at full precision. */
export function figureCsv({ columns, rows }: Pick<Figure, "columns" | "rows">): string {
  return stringify([columns, ...rows]);
}

/** A file name's part out of any text; never empty. */
export function fileNamePart(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  return plain === "" ? "x" : plain;
}

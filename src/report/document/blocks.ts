/** What a written report is made of, whatever it is written as: plain data, and text that nobody has escaped yet. */
import type { AttemptRecord, JudgementStatus } from "../../store/records.ts";
import type { Figure } from "../figures/figure.ts";

export type Align = "left" | "right";

export interface Table {
  caption: string;
  head: string[];
  /** The first cell names the row. */
  rows: string[][];
  align: Align[];
}

export interface ShownTrial {
  /** What it is an example of. */
  kind: string;
  arm: string;
  key: string;
  latent: number | null;
  label: string | null;
  strength: number;
  prompt: string;
  text: string;
  status: JudgementStatus | null;
  attempts: AttemptRecord[];
}

export type Block =
  | { kind: "text"; text: string }
  /** Things that put the numbers in doubt. */
  | { kind: "warnings"; items: string[] }
  | { kind: "terms"; items: [term: string, text: string][] }
  | { kind: "table"; table: Table }
  | { kind: "figure"; figure: Figure }
  | { kind: "trial"; trial: ShownTrial }
  | { kind: "code"; text: string }
  /** Shown when asked for. */
  | { kind: "folded"; summary: string; blocks: Block[] };

export interface Section {
  /** Unique in its document; lower-case letters and hyphens. */
  id: string;
  title: string;
  blocks: Block[];
}

/** One run's part of a report. */
export interface RunDocument {
  title: string;
  sections: Section[];
  /** Of all sections, in their order. */
  figures: Figure[];
}

/** The first `left` columns are text, the others numbers. */
export function tableBlock({
  left = 1,
  ...table
}: Omit<Table, "align"> & { left?: number }): Extract<Block, { kind: "table" }> {
  const align = table.head.map((_, i): Align => (i < left ? "left" : "right"));
  return { kind: "table", table: { ...table, align } };
}

export function text(words: string): Block {
  return { kind: "text", text: words };
}

/** The numbers behind a picture, at four decimals. */
export function figureTable({ title, columns, rows }: Figure): Table {
  return {
    caption: `Data of: ${title}`,
    head: columns,
    rows: rows.map((row) =>
      row.map((cell) =>
        cell === null ? "" : typeof cell === "number" ? String(Math.round(cell * 1e4) / 1e4) : cell,
      ),
    ),
    align: columns.map((_, i) => (rows.some((row) => typeof row[i] === "string") ? "left" : "right")),
  };
}

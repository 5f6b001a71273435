/** Parts that the tables of several cells share. */
import type { Figure } from "./summary.ts";

/** Numbers to the right; the first row is the head. */
export function markdown(rows: readonly string[][]): string {
  const [head = [], ...body] = rows;
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---:")), ...body.map(line)].join("\n");
}

/** Median (least–greatest). */
export function ratio({ median, min, max }: Figure): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

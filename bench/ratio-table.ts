/** A table of speeds and of their ratios within a repetition, a line for each number of rows. */
import { markdown, ratio } from "./markdown-table.ts";
import type { BenchResult } from "./result.ts";
import { type Figure, ratioOf, rowCounts, speedOf } from "./summary.ts";

export interface RatioTableOptions {
  result: BenchResult;
  group: string;
  variants: readonly string[];
  ratios: readonly (readonly [above: string, below: string])[];
  /** Model, lengths and libraries; the machine, repetitions and date are added. */
  caption: string;
  /** What is counted in a second. @default tokens */
  unit?: string;
}

export function ratioTable({
  result,
  group,
  variants,
  ratios,
  caption,
  unit = "tokens",
}: RatioTableOptions): string {
  const { runs, machine, date, loadBefore } = result;
  const head = [
    "rows",
    ...variants.map((variant) => `${variant}, ${unit}/s`),
    ...ratios.map(([above, below]) => `${above} / ${below}`),
  ];
  const body = rowCounts({ runs, group }).map((rows) => [
    String(rows),
    ...variants.map((variant) => speed(speedOf({ runs, group, rows, variant }))),
    ...ratios.map(([variant, to]) => ratio(ratioOf({ runs, group, rows, variant, to }))),
  ]);
  const [rows = 0] = rowCounts({ runs, group });
  const [variant = ""] = variants;
  const { repetitions } = speedOf({ runs, group, rows, variant });
  const foot = [
    caption,
    `medians of ${repetitions} interleaved repetitions, ratios within a repetition: median (least–greatest).`,
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB; Node ${machine.node}; ${date.slice(0, 10)}, load before ${loadBefore[0].toFixed(2)}.`,
  ].join(" ");
  return `${markdown([head, ...body])}\n\n${foot}`;
}

function speed({ median }: Figure): string {
  return median.toFixed(median < 100 ? 1 : 0);
}

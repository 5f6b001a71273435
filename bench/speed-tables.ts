/** The Markdown tables of the cell `steered-sampling`. */
import { markdown, ratio } from "./markdown-table.ts";
import type { BenchResult } from "./result.ts";
import { type Figure, ratioOf, rowCounts, speedOf } from "./summary.ts";
import { VARIANTS } from "./variant-names.ts";

/** Ours against transformers: medians of each, and the ratios that carry the claim. */
export function peerTable(result: BenchResult): string {
  const { runs } = result;
  const group = "peer";
  const { fast, equalWeights, peer } = VARIANTS;
  const head = [
    "rows",
    ...[fast, equalWeights, peer].map((variant) => `${variant}, tokens/s`),
    `${fast} / ${peer}`,
    `${equalWeights} / ${peer}`,
  ];
  const body = rowCounts({ runs, group }).map((rows) => [
    String(rows),
    ...[fast, equalWeights, peer].map((variant) => speed(speedOf({ runs, group, rows, variant }))),
    ...[fast, equalWeights].map((variant) => ratio(ratioOf({ runs, group, rows, variant, to: peer }))),
  ]);
  return `${markdown([head, ...body])}\n\n${caption({ result, group, variant: peer })}`;
}

/** What steering costs: ours steered over ours unsteered. */
export function costTable(result: BenchResult): string {
  const { runs } = result;
  const group = "cost";
  const { steered, unsteered } = VARIANTS;
  const head = ["rows", `${steered}, tokens/s`, `${unsteered}, tokens/s`, `${steered} / ${unsteered}`];
  const body = rowCounts({ runs, group }).map((rows) => [
    String(rows),
    ...[steered, unsteered].map((variant) => speed(speedOf({ runs, group, rows, variant }))),
    ratio(ratioOf({ runs, group, rows, variant: steered, to: unsteered })),
  ]);
  return `${markdown([head, ...body])}\n\n${caption({ result, group, variant: steered })}`;
}

function speed({ median }: Figure): string {
  return median.toFixed(median < 100 ? 1 : 0);
}

function caption({
  result,
  group,
  variant,
}: {
  result: BenchResult;
  group: string;
  variant: string;
}): string {
  const { machine, libraries, settings, runs, date, loadBefore } = result;
  const [rows = 0] = rowCounts({ runs, group });
  const { repetitions } = speedOf({ runs, group, rows, variant });
  const versions = ["llama.cpp", "torch", "transformers"].flatMap((name) => {
    const version = libraries[name];
    return version === undefined ? [] : [`${name} ${version}`];
  });
  return [
    `${settings.model}, ${settings.newTokens} new tokens a row after a prompt of ${settings.promptTokens};`,
    `medians of ${repetitions} interleaved repetitions, ratios within a repetition: median (least–greatest).`,
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB; Node ${machine.node}, ${versions.join(", ")};`,
    `${date.slice(0, 10)}, load before ${loadBefore[0].toFixed(2)}.`,
  ].join(" ");
}

/** The Markdown table of the cell `sae-training`. */
import { markdown, ratio } from "./markdown-table.ts";
import type { BenchResult, BenchRun } from "./result.ts";
import { ratioOf, rowCounts, speedOf } from "./summary.ts";
import { TRAINING_VARIANTS } from "./variant-names.ts";

/** Ours against both peers: medians, ratios within a repetition, and what was learnt. */
export function trainingTable(result: BenchResult): string {
  const { runs } = result;
  const { ours, torch, saelens } = TRAINING_VARIANTS;
  const variants = [ours, torch, saelens];
  const head = [
    "dictionary",
    ...variants.map((variant) => `${variant}, tokens/s`),
    `${ours} / ${torch}`,
    `${ours} / ${saelens}`,
    "FVU at the end",
  ];
  const groups = [...new Set(runs.map(({ group }) => group))];
  const body = groups.flatMap((group) =>
    rowCounts({ runs, group }).map((rows) => [
      group,
      ...variants.map((variant) => speedOf({ runs, group, rows, variant }).median.toFixed(0)),
      ...[torch, saelens].map((to) => ratio(ratioOf({ runs, group, rows, variant: ours, to }))),
      variants.map((variant) => fvuOf({ runs, group, variant })).join(" / "),
    ]),
  );
  return `${markdown([head, ...body])}\n\n${caption(result)}`;
}

/** The last repetition's; training is deterministic up to the order of sums. */
function fvuOf({ runs, group, variant }: { runs: BenchRun[]; group: string; variant: string }): string {
  const fvu = runs.findLast((run) => run.group === group && run.variant === variant)?.fvu;
  if (fvu === undefined) throw new Error(`${group}, ${variant}: there is no FVU`);
  return fvu.toFixed(4);
}

function caption({ machine, libraries, settings, date, loadBefore }: BenchResult): string {
  return [
    `${settings.steps} steps of ${settings.batchRows} cached float32 rows of ${settings.dModel} numbers`,
    `(${settings.model}, block ${settings.layer}), TopK ${settings.k}, ${settings.threads} threads each;`,
    `FVU on ${settings.heldOut} held-out rows, in the order of the variants; medians of ${settings.repetitions} interleaved`,
    `repetitions, ratios within a repetition: median (least–greatest). ${machine.cores} cores of ${machine.cpu},`,
    `${machine.memoryGiB} GiB; Node ${machine.node}, torch ${libraries.torch}, SAELens ${libraries["sae-lens"]};`,
    `${date.slice(0, 10)}, load before ${loadBefore[0].toFixed(2)}.`,
  ].join(" ");
}

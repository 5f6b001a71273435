/** What `latents controls` drew, as text. */
import Table from "cli-table3";
import type { ControlFile } from "../../latents/controls/control-file.ts";

type Balance = ControlFile["balance"]["after"];

export function controlText({ file, out }: { file: ControlFile; out: string }): string {
  const { draw, sets, unmatched, matchedInAll, pool, balance, worst, deadControls, rows, positions } = file;
  const table = new Table({
    head: ["", "pairs", "SMD frequency", "SMD mean when active"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const row = (name: string, pairs: number | string, { logFrequency, logMeanActive }: Balance) =>
    table.push([name, pairs, signed(logFrequency), signed(logMeanActive)]);
  row("before: all candidates", "", balance.before);
  row(
    draw,
    sets.reduce((sum, { pairs }) => sum + pairs.length, 0),
    balance.after,
  );
  sets.forEach(({ pairs, balance: of }, i) => {
    row(`  set ${i + 1}`, pairs.length, of);
  });
  return [
    table.toString(),
    "SMD: standardised mean difference of the logarithms, detectors less controls; below 0.1 is balanced",
    `${rows} rows (${positions}); ${pool.candidates} candidates of ${pool.latents} latents: ${pool.detectors} detectors, ${pool.excluded} steered and ${pool.dead} dead latents left out`,
    ...(worst === null
      ? []
      : [
          `worst pair: detector ${worst.detector} and ${worst.control} in set ${worst.set + 1}, ${worst.distance?.toFixed(2)} deviations apart`,
        ]),
    ...(deadControls === 0 ? [] : [`${deadControls} controls hardly fire here: clamping them does nothing`]),
    ...unmatched.map(({ detector, reason, sets: lacking, nearest }) =>
      reason === "dead"
        ? `unmatched: detector ${detector} hardly fires here, so there is nothing to match`
        : `unmatched: detector ${detector} in ${lacking} of ${sets.length} sets; ${nearest === null ? "no latent was free" : `the nearest free one is ${nearest.toFixed(2)} deviations away`}`,
    ),
    ...(unmatched.length === 0
      ? []
      : [
          `Compare with the ablation of the ${matchedInAll.length} detectors that have a control in every set.`,
        ]),
    out,
  ].join("\n");
}

function signed(value: number | null): string {
  return value === null ? "-" : value.toFixed(2);
}

/** Recorded activations around restarts: the groups' means and tests, and everything else as the terminal prints it. */
import type { PairedTest } from "../../stats/paired-test.ts";
import { REGIONS } from "../../store/analysis.ts";
import type { ActivationReport } from "../activations/activation-report.ts";
import { activationText } from "../activations/activation-text.ts";
import { fixed } from "../number-text.ts";
import { type Block, tableBlock, text } from "./blocks.ts";

export function activationBlocks(report: ActivationReport): Block[] {
  const { design, declared, episodes, groups } = report;
  if (episodes.length === 0) {
    return [text(`No episode of ${design} in ${declared.episodes.arm}: nothing to average.`)];
  }
  return [
    tableBlock({
      caption: `${design}: means in the regions of ${episodes.length} episodes of ${declared.episodes.arm}`,
      head: ["group", "contrast", "latents", ...REGIONS, "pairs", "difference", "95 %", "p"],
      left: 2,
      rows: groups.map(({ name, first, second, latents, means, test }) => [
        name,
        `${first} - ${second}`,
        String(latents.length),
        ...REGIONS.map((region) => digits(means[region].estimate)),
        String(test.pairs),
        digits(test.difference.estimate),
        range(test),
        fixed(test.p, 4),
      ]),
    }),
    {
      kind: "folded",
      summary: "Each latent, and answers without a restart",
      blocks: [{ kind: "code", text: activationText({ report, color: false, width: 110 }) }],
    },
  ];
}

function range({ difference: { lower, upper } }: PairedTest): string {
  return lower === null || upper === null ? "-" : `[${digits(lower)}, ${digits(upper)}]`;
}

/** Three digits that count, whatever the scale of the dictionary. */
function digits(value: number | null): string {
  return value === null ? "-" : String(Number(value.toPrecision(3)));
}

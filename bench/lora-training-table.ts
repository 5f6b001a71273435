/** The Markdown tables of the cell `lora-training`. */
import { markdown, ratio } from "./markdown-table.ts";
import type { BenchResult } from "./result.ts";
import { ratioOf, rowCounts, speedOf } from "./summary.ts";
import { LORA_VARIANTS } from "./variant-names.ts";

const PEERS = [LORA_VARIANTS.autocast, LORA_VARIANTS.bf16];

/** Tokens a second of each, and ratios within a repetition. */
export function loraSpeedTable(result: BenchResult): string {
  const { runs } = result;
  const group = "speed";
  const { ours } = LORA_VARIANTS;
  const head = [
    "batch",
    ...[ours, ...PEERS].map((variant) => `${variant}, tokens/s`),
    ...PEERS.map((peer) => `${ours} / ${peer}`),
  ];
  const body = rowCounts({ runs, group }).map((rows) => [
    String(rows),
    ...[ours, ...PEERS].map((variant) => speedOf({ runs, group, rows, variant }).median.toFixed(0)),
    ...PEERS.map((to) => ratio(ratioOf({ runs, group, rows, variant: ours, to }))),
  ]);
  return `${markdown([head, ...body])}\n\n${speedCaption(result)}`;
}

/** Where both end from the same first factors over the same examples. */
export function loraLossTable({ runs, settings }: BenchResult): string {
  const { ours, autocast, bf16 } = LORA_VARIANTS;
  const lossOf = (variant: string): number => {
    const loss = runs.find((run) => run.group === "loss" && run.variant === variant)?.loss;
    if (loss === undefined) throw new Error(`${variant}: there is no loss`);
    return loss;
  };
  const difference = lossOf(ours) / lossOf(autocast) - 1;
  const head = [ours, autocast, "difference", bf16];
  const body = [
    lossOf(ours).toFixed(4),
    lossOf(autocast).toFixed(4),
    `${(100 * difference).toFixed(2)} %`,
    lossOf(bf16).toFixed(4),
  ];
  const caption = [
    `Loss in nats a target, mean of the last ${settings.lastSteps} of ${settings.lossSteps} steps of`,
    `${runs.find((run) => run.group === "loss")?.rows} examples of ${settings.lossLengths} tokens;`,
    `peak learning rate ${settings.learningRate}.`,
  ].join(" ");
  return `${markdown([head, body])}\n\n${caption}`;
}

function speedCaption({ machine, libraries, settings, date, loadBefore }: BenchResult): string {
  return [
    `${settings.model}, LoRA of rank ${settings.rank} on all seven matrices of all blocks, ${settings.steps} steps of examples of`,
    `${settings.lengths} tokens, 45 % of them with loss, ${settings.threads} threads each; medians of ${settings.repetitions}`,
    `interleaved repetitions, ratios within a repetition: median (least–greatest). ${machine.cores} cores of ${machine.cpu},`,
    `${machine.memoryGiB} GiB; Node ${machine.node}, torch ${libraries.torch}, transformers ${libraries.transformers},`,
    `PEFT ${libraries.peft}; ${date.slice(0, 10)}, load before ${loadBefore[0].toFixed(2)}.`,
  ].join(" ");
}

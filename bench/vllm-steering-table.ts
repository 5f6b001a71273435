/** The Markdown tables of the cell `vllm-steering`. */
import type { BenchResult } from "./result.ts";
import { type Figure, ratioOf, rowCounts, speedOf } from "./summary.ts";
import { VLLM_VARIANTS } from "./variant-names.ts";

/** Steered over plain requests on the same server. */
export function vllmCostTable(result: BenchResult): string {
  const { steered, plain } = VLLM_VARIANTS;
  return table({ result, group: "cost", variants: [steered, plain], ratios: [[steered, plain]] });
}

/** The in-process engine over the server. */
export function vllmPeerTable(result: BenchResult): string {
  const { exact, fast, server } = VLLM_VARIANTS;
  return table({
    result,
    group: "peer",
    variants: [exact, fast, server],
    ratios: [exact, fast].map((variant) => [variant, server] as const),
  });
}

interface TableOptions {
  result: BenchResult;
  group: string;
  variants: readonly string[];
  ratios: readonly (readonly [above: string, below: string])[];
}

function table({ result, group, variants, ratios }: TableOptions): string {
  const { runs, settings, machine, libraries, date, loadBefore } = result;
  const head = [
    "rows",
    ...variants.map((variant) => `${variant}, tokens/s`),
    ...ratios.map(([above, below]) => `${above} / ${below}`),
  ];
  const body = rowCounts({ runs, group }).map((rows) => [
    String(rows),
    ...variants.map((variant) => speedOf({ runs, group, rows, variant }).median.toFixed(1)),
    ...ratios.map(([variant, to]) => ratio(ratioOf({ runs, group, rows, variant, to }))),
  ]);
  const caption = [
    `${settings.model}, ${settings.newTokens} new tokens a row after a prompt of ${settings.promptTokens}, ${settings.threads} thread each;`,
    `medians of ${settings.repetitions} interleaved repetitions, ratios within a repetition: median (least–greatest).`,
    `${machine.cpu}, ${machine.memoryGiB} GiB; Node ${machine.node}, vLLM ${libraries.vllm}, countersteer-vllm ${libraries["countersteer-vllm"]},`,
    `llama.cpp ${libraries["llama.cpp"]}; ${date.slice(0, 10)}, load before ${loadBefore[0].toFixed(2)}.`,
  ].join(" ");
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---:")), ...body.map(line)].join("\n")}\n\n${caption}`;
}

function ratio({ median, min, max }: Figure): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

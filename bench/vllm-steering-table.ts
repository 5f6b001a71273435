/** The Markdown tables of the cell `vllm-steering`. */
import { ratioTable } from "./ratio-table.ts";
import type { BenchResult } from "./result.ts";
import { VLLM_VARIANTS } from "./variant-names.ts";

/** Steered over plain requests on the same server. */
export function vllmCostTable(result: BenchResult): string {
  const { steered, plain } = VLLM_VARIANTS;
  return ratioTable({
    result,
    group: "cost",
    variants: [steered, plain],
    ratios: [[steered, plain]],
    caption: captionOf(result),
  });
}

/** The in-process engine over the server. */
export function vllmPeerTable(result: BenchResult): string {
  const { exact, fast, server } = VLLM_VARIANTS;
  return ratioTable({
    result,
    group: "peer",
    variants: [exact, fast, server],
    ratios: [exact, fast].map((variant) => [variant, server] as const),
    caption: captionOf(result),
  });
}

function captionOf({ settings, libraries }: BenchResult): string {
  return [
    `${settings.model}, ${settings.newTokens} new tokens a row after a prompt of ${settings.promptTokens}, ${settings.threads} thread each;`,
    `vLLM ${libraries.vllm}, countersteer-vllm ${libraries["countersteer-vllm"]}, llama.cpp ${libraries["llama.cpp"]};`,
  ].join(" ");
}

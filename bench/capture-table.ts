/** The Markdown table of the cell `capture`. */
import { ratioTable } from "./ratio-table.ts";
import type { BenchResult } from "./result.ts";
import { CAPTURE_VARIANTS } from "./variant-names.ts";

export function captureTable(result: BenchResult): string {
  const { fast, equalWeights, peer } = CAPTURE_VARIANTS;
  const { settings, libraries } = result;
  return ratioTable({
    result,
    group: "capture",
    variants: [fast, equalWeights, peer],
    ratios: [
      [fast, peer],
      [equalWeights, peer],
    ],
    caption:
      `${settings.model}, sequences of ${settings.length} tokens read behind block ${settings.layer}, ${settings.threads} threads each; ` +
      `llama.cpp ${libraries["llama.cpp"]}, torch ${libraries.torch}, transformers ${libraries.transformers};`,
  });
}

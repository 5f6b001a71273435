/** How far two judges agree, as a table. */
import type { JudgePair } from "../figures/agreement-figure.ts";
import { fixed } from "../number-text.ts";
import { type Block, tableBlock } from "./blocks.ts";

export function judgePairBlocks({ first, second, measures }: JudgePair): Block {
  return tableBlock({
    caption: `${first} and ${second}`,
    head: ["measure", "responses", "value", "95 %"],
    rows: measures.map(({ measure, n, estimate, lower, upper }) => [
      measure,
      String(n),
      fixed(estimate, 3),
      lower === null || upper === null ? "-" : `[${fixed(lower, 3)}, ${fixed(upper, 3)}]`,
    ]),
  });
}

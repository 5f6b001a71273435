/** What `latents label` did, as text. */
import Table from "cli-table3";
import type { Label } from "../../sae/labels.ts";
import type { LlmSummary } from "./ask-llm.ts";

export interface LabelSummary {
  labels: string;
  contexts: string;
  tokens: number;
  documents: number;
  latents: number;
  dead: number;
  promoted: boolean;
  llm: LlmSummary | null;
}

const EXAMPLES = 12;

export function labelText({ summary, labels }: { summary: LabelSummary; labels: readonly Label[] }): string {
  const { tokens, documents, latents, dead, llm } = summary;
  const table = new Table({
    head: ["latent", "label", "fires on"],
    colAligns: ["right", "left", "right"],
    style: { head: [], border: [], compact: true },
  });
  const alive = labels.filter(({ frequency }) => frequency > 0);
  const step = Math.max(1, Math.floor(alive.length / EXAMPLES));
  for (let i = 0; i < alive.length && i < step * EXAMPLES; i += step) {
    const label = alive[i];
    if (label !== undefined)
      table.push([label.index, label.label, `${(100 * label.frequency).toFixed(2)} %`]);
  }
  return [
    table.toString(),
    `${latents} latents, ${dead} of them silent on all ${tokens} tokens of ${documents} documents`,
    ...(llm === null ? [] : [llmLine(llm)]),
    summary.labels,
    summary.contexts,
  ].join("\n");
}

function llmLine({ asked, named, failures, meanDetection, rated, costUsd }: LlmSummary): string {
  const detection =
    meanDetection === null
      ? ""
      : `, which found ${(100 * meanDetection).toFixed(0)} % of unseen contexts (balanced)`;
  return `asked about ${asked}: ${named} named${detection}; ${rated} rated for concreteness; ${failures} requests failed; $${costUsd.toFixed(2)}`;
}

/** An evaluation as a table for people: one column a dictionary. */
import path from "node:path";
import type { Evaluation } from "../../activations/evaluate-dictionary.ts";
import type { DictionaryEvaluation } from "../../activations/evaluation-result.ts";
import { renderTable } from "../../report/render-table.ts";
import type { DensityHistogram } from "../../sae/latent-stats.ts";
import type { Interval } from "../../stats/interval.ts";

export interface EvaluationTextOptions {
  evaluation: Evaluation;
  color: boolean;
}

type Row = [string, (of: DictionaryEvaluation) => string];

const BARS = "▁▂▃▄▅▆▇█";

export function evaluationText({ evaluation, color }: EvaluationTextOptions): string {
  const { dictionaries } = evaluation;
  const rows = tableRows(evaluation).map(([name, of]) => [name, ...dictionaries.map(of)]);
  const head = ["", ...dictionaries.map(({ dictionary }) => path.basename(dictionary.path))];
  return [
    heading(evaluation),
    renderTable({ head, rows, color }),
    ...dictionaries.map(
      ({ dictionary, latents }) => `${path.basename(dictionary.path)}: ${densityText(latents.density)}`,
    ),
  ].join("\n\n");
}

function heading({ layer, rows, documents, excluded, crossEntropy }: Evaluation): string {
  const left = excluded.chatPrefix > 0 ? `, and the ${excluded.chatPrefix} with which every chat begins` : "";
  const lines = [
    `layer ${layer}, ${rows} rows of ${documents} documents; the first ${excluded.first} rows of each sequence${left} are left out`,
  ];
  if (crossEntropy !== null) {
    const { original, zeroAblated, meanAblated, tokens, documents: scored } = crossEntropy;
    lines.push(
      `cross-entropy of ${tokens} tokens of ${scored} documents, in nats: ${interval(original)} as it is, ` +
        `${fixed(zeroAblated.estimate)} with zeros, ${fixed(meanAblated.estimate)} with the mean row`,
    );
  }
  return lines.join("\n");
}

function tableRows({ dictionaries, crossEntropy }: Evaluation): Row[] {
  const loss: Row[] = [
    ["CE spliced", ({ crossEntropy: of }) => interval(of?.spliced)],
    ["CE increase", ({ crossEntropy: of }) => interval(of?.increase)],
    ["CE recovered", ({ crossEntropy: of }) => interval(of?.recovered)],
    ["  over the mean row", ({ crossEntropy: of }) => interval(of?.recoveredOverMean)],
  ];
  const difference: Row[] = [
    ["EV less the first's", ({ difference: of }) => interval(of?.explainedVariance)],
    ...(crossEntropy === null
      ? []
      : [["recovered less the first's", ({ difference: of }) => interval(of?.recovered)] satisfies Row]),
  ];
  return [
    ["latents", ({ dictionary }) => `${dictionary.latents} (${dictionary.architecture})`],
    ["L0 mean", ({ latents: { l0 } }) => l0.mean.toFixed(1)],
    ["L0 half, 95 %", ({ latents: { l0 } }) => `${l0.p50}, ${l0.p95}`],
    ["explained variance", ({ explainedVariance }) => interval(explainedVariance)],
    ["  mean over rows", ({ reconstruction }) => fixed(reconstruction.explainedVariancePerRow)],
    ["mean squared error", ({ reconstruction }) => reconstruction.meanSquaredError.toPrecision(4)],
    ["cosine similarity", ({ reconstruction }) => fixed(reconstruction.cosineSimilarity)],
    ["relative norm", ({ reconstruction }) => fixed(reconstruction.relativeNorm)],
    ["reconstruction bias", ({ reconstruction }) => fixed(reconstruction.relativeReconstructionBias)],
    ["never active", ({ latents: { dead } }) => `${dead.latents} (${(100 * dead.share).toFixed(2)} %)`],
    ...(crossEntropy === null ? [] : loss),
    ...(dictionaries.length < 2 ? [] : difference),
  ];
}

/** A bar for each half decade, between the rarest and the densest. */
function densityText({ log10Edges, counts }: DensityHistogram): string {
  const most = Math.max(1, ...counts);
  const bars = counts.map((count) =>
    count === 0 ? " " : (BARS[Math.min(BARS.length - 1, Math.floor((count / most) * BARS.length))] ?? ""),
  );
  const lowest = log10Edges[0] ?? 0;
  return `latents by density, 10^${lowest} |${bars.join("")}| 1`;
}

function interval(of: Interval | null | undefined): string {
  if (of === null || of === undefined) return "-";
  const { estimate, lower, upper } = of;
  return lower === null || upper === null
    ? fixed(estimate)
    : `${fixed(estimate)} [${fixed(lower)}, ${fixed(upper)}]`;
}

function fixed(value: number | null): string {
  return value === null || Number.isNaN(value) ? "-" : value.toFixed(4);
}

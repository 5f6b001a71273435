/** The table of `countersteer sae evaluate --json` for the default dictionary, stored as bench/results/default-dictionary.json. */
import { basename } from "node:path";
import { z } from "zod";

const interval = z.object({
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});

export const dictionaryResultSchema = z.object({
  dictionaries: z
    .array(
      z.object({
        dictionary: z.object({ path: z.string(), latents: z.number() }),
        reconstruction: z.object({ cosineSimilarity: z.number(), meanSquaredError: z.number() }),
        explainedVariance: interval,
        latents: z.object({ l0: z.object({ mean: z.number() }), dead: z.object({ share: z.number() }) }),
        crossEntropy: z.object({ spliced: interval, recovered: interval }).nullable(),
      }),
    )
    .min(2),
});

const span = ({ estimate, lower, upper }: z.infer<typeof interval>, digits = 3) => {
  const fixed = (value: number | null) => (value === null ? "-" : value.toFixed(digits));
  return `${fixed(estimate)} [${fixed(lower)}, ${fixed(upper)}]`;
};

export function dictionaryTable(stored: unknown): string {
  const { dictionaries } = dictionaryResultSchema.parse(stored);
  const rows: [string, (each: (typeof dictionaries)[number]) => string][] = [
    ["latents", ({ dictionary }) => String(dictionary.latents)],
    ["L0", ({ latents }) => latents.l0.mean.toFixed(1)],
    ["explained variance", ({ explainedVariance }) => span(explainedVariance)],
    ["mean squared error", ({ reconstruction }) => reconstruction.meanSquaredError.toFixed(2)],
    ["cosine similarity", ({ reconstruction }) => reconstruction.cosineSimilarity.toFixed(3)],
    ["never active", ({ latents }) => `${(100 * latents.dead.share).toFixed(2)} %`],
    [
      "cross-entropy spliced",
      ({ crossEntropy }) => (crossEntropy === null ? "-" : span(crossEntropy.spliced)),
    ],
    [
      "cross-entropy recovered",
      ({ crossEntropy }) => (crossEntropy === null ? "-" : span(crossEntropy.recovered)),
    ],
  ];
  return [
    `| | ${dictionaries.map(({ dictionary }) => basename(dictionary.path)).join(" | ")} |`,
    `|---|${dictionaries.map(() => "---|").join("")}`,
    ...rows.map(([name, cell]) => `| ${name} | ${dictionaries.map(cell).join(" | ")} |`),
  ].join("\n");
}

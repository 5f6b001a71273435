/** The table of `npm run doses`, stored as bench/results/doses.json: judge scores as strength grows. */
import { z } from "zod";

const value = z.number().nullable();

export const doseSchema = z.object({
  model: z.object({ name: z.string(), weightType: z.string() }),
  sae: z.object({ latents: z.number(), layer: z.number(), hash: z.string() }),
  meanNorm: z.number(),
  answers: z.object({ perCell: z.number(), tokens: z.number(), unscored: z.number() }),
  doses: z.array(
    z.object({ dose: z.number(), score: value, onTopic: value, fluency: value, degraded: z.number() }),
  ),
  latents: z.array(z.object({ latent: z.number(), label: z.string(), scores: z.array(value) })),
  examples: z.array(z.object({ dose: z.number(), prompt: z.string(), text: z.string() })),
});

export type DoseResult = z.infer<typeof doseSchema>;

const fixed = (number: number | null) => (number === null ? "-" : number.toFixed(0));
/** A model's text in a cell: no column of its own, no markup. */
const plain = (text: string) => text.replace(/[|<>*_`[\]]/g, " ");

export function doseTable(stored: unknown): string {
  const { model, sae, answers, doses, latents, examples, meanNorm } = doseSchema.parse(stored);
  const head = doses.map(({ dose }) => `dose ${dose}`);
  return [
    `Mean score of the first attempt, 0-100, of ${answers.perCell} answers of ${answers.tokens} tokens a cell; ${model.name} (${model.weightType}), ` +
      `${sae.latents} latents at layer ${sae.layer}. A dose of 1 is as long as the mean residual row (${meanNorm.toFixed(0)}).`,
    [
      `| latent | label | ${head.join(" | ")} |`,
      `|---|---|${head.map(() => "---|").join("")}`,
      ...latents.map(
        ({ latent, label, scores }) => `| ${latent} | ${plain(label)} | ${scores.map(fixed).join(" | ")} |`,
      ),
      `| | **all: score** | ${doses.map(({ score }) => fixed(score)).join(" | ")} |`,
      `| | on topic | ${doses.map(({ onTopic }) => fixed(onTopic)).join(" | ")} |`,
      `| | fluent | ${doses.map(({ fluency }) => fixed(fluency)).join(" | ")} |`,
      `| | loops on one word, % | ${doses.map(({ degraded }) => fixed(100 * degraded)).join(" | ")} |`,
    ].join("\n"),
    `The first latent's answer to "${examples[0]?.prompt ?? ""}":`,
    examples.map(({ dose, text }) => `- dose ${dose}: ${plain(text)}`).join("\n"),
  ].join("\n\n");
}

/** The design `judges`: how far another judge agrees with the run's own, over stored responses. */
import { z } from "zod";

const measureSchema = z.object({
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number(),
});

const MEASURES = {
  multiAttempt: "at least two attempts, Cohen's kappa",
  attempts: "number of attempts, weighted kappa",
  pearson: "first score, Pearson",
  spearman: "first score, Spearman",
  alpha: "first score, Krippendorff's alpha",
  bias: "first score, second less first judge",
} as const;

const pairSchema = z.object({
  first: z.string(),
  second: z.string(),
  both: z.number(),
  onlyFirst: z.number(),
  onlySecond: z.number(),
  neither: z.number(),
  multiAttempt: measureSchema,
  attempts: measureSchema,
  pearson: measureSchema,
  spearman: measureSchema,
  alpha: measureSchema,
  bias: measureSchema,
});

const countsSchema = z.object({
  judge: z.string(),
  byStatus: z.record(z.string(), z.number()),
  unjudged: z.number(),
});

export const agreementSchema = z.object({
  responses: z.number(),
  judges: z.array(countsSchema),
  pairs: z.array(pairSchema).min(1),
});
export type PublishedAgreement = z.infer<typeof agreementSchema>;

export function agreementSection({ judges, pairs }: PublishedAgreement): string {
  const names = Object.entries(MEASURES) as [keyof typeof MEASURES, string][]; // the keys of a literal object
  return [
    "## judges",
    "A sample of the steered and the unsteered responses above, judged again: `countersteer judge rejudge`, then `judge agreement`; [data](judges.json). A judge of 135M parameters is no authority; it is here because it needs no network.",
    judges
      .map(({ judge, byStatus, unjudged }) => {
        const found = Object.entries(byStatus).filter(([, n]) => n > 0);
        return `- ${judge}: ${found.map(([status, n]) => `${status} ${n}`).join(", ")}; not asked ${unjudged}`;
      })
      .join("\n"),
    ...pairs.map((pair) =>
      [
        `${pair.first} and ${pair.second}: ${pair.both} responses judged by both, ${pair.onlyFirst} by the first only, ${pair.onlySecond} by the second only, ${pair.neither} by neither.`,
        "",
        "| measure | estimate, 95 % by latent | n |",
        "|---|---|---|",
        ...names.map(([key, text]) => {
          const { estimate, lower, upper, n } = pair[key];
          return `| ${text} | ${fixed(estimate)} [${fixed(lower)}, ${fixed(upper)}] | ${n} |`;
        }),
      ].join("\n"),
    ),
  ].join("\n\n");
}

function fixed(value: number | null): string {
  return value === null ? "-" : value.toFixed(2);
}

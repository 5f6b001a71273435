/** What `finetune evaluate` says of a run: restarts by their wording, and what training costs on held-out text. */
import { z } from "zod";

const bound = z.number().nullable();
const interval = z.object({ estimate: bound, lower: bound, upper: bound });

export const evaluationSchema = z.object({
  data: z.object({ sha256: z.string() }),
  judge: z.string(),
  arms: z.array(
    z.object({
      arm: z.string(),
      generated: z.number(),
      restarts: z.number(),
      kinds: z.object({ trained: z.number(), pieces: z.number(), "held-out": z.number(), own: z.number() }),
      verbatim: interval,
    }),
  ),
  retention: z
    .array(
      z.object({
        adapter: z.string(),
        set: z.string(),
        texts: z.number(),
        tokens: z.number(),
        perplexity: z.object({ base: z.number(), adapted: z.number() }),
        difference: interval,
      }),
    )
    .nullable(),
});
export type PublishedEvaluation = z.infer<typeof evaluationSchema>;

/** `file` is what the numbers come from, relative to the page. */
export function evaluationText({
  evaluation,
  file,
}: {
  evaluation: PublishedEvaluation;
  file: string;
}): string {
  const { arms, retention } = evaluation;
  return [
    `Restarts by their wording ([data](${file}); what the kinds mean: docs/finetune-evaluation.md):`,
    [
      "| arm | responses | restarts | trained | pieces | held-out | own | verbatim, 95 % by latent |",
      "|---|---|---|---|---|---|---|---|",
      ...arms.map(({ arm, generated, restarts, kinds, verbatim }) => {
        const { trained, pieces, own, "held-out": heldOut } = kinds;
        const share =
          restarts === 0
            ? "-"
            : `${percent(verbatim.estimate)} % [${percent(verbatim.lower)}, ${percent(verbatim.upper)}]`;
        return `| ${[arm, generated, restarts, trained, pieces, heldOut, own, share].join(" | ")} |`;
      }),
    ].join("\n"),
    ...(retention === null
      ? []
      : [
          "Held-out text under each adapter, unsteered, against the base model; nats a token, below 0 is less likely:",
          [
            "| adapter | text | texts | tokens | perplexity before | after | difference, 95 % |",
            "|---|---|---|---|---|---|---|",
            ...retention.map(({ adapter, set, texts, tokens, perplexity, difference }) => {
              const { base, adapted } = perplexity;
              const { estimate, lower, upper } = difference;
              const nats = `${number(estimate)} [${number(lower)}, ${number(upper)}]`;
              return `| ${[adapter, set, texts, tokens, base.toFixed(2), adapted.toFixed(2), nats].join(" | ")} |`;
            }),
          ].join("\n"),
        ]),
  ].join("\n\n");
}

function number(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

function percent(share: number | null): string {
  return share === null ? "-" : (100 * share).toFixed(0);
}

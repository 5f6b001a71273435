/** The tables of `countersteer judge validate --json`, stored as bench/results/judge-validation.json. */
import { z } from "zod";

const separation = { auc: z.number().nullable(), on: z.number().nullable(), off: z.number().nullable() };

export const judgeResultSchema = z.object({
  model: z.object({ name: z.string(), weightType: z.string() }),
  answers: z.number(),
  scoreAuc: z.number().nullable(),
  deciles: z.array(
    z.object({ from: z.number(), to: z.number(), count: z.number(), onTopic: z.number().nullable() }),
  ),
  byContrastSize: z.array(z.object({ contrastSize: z.number(), ...separation })),
  bySpanLength: z.array(z.object({ tokens: z.number(), answers: z.number(), ...separation })),
});

export function judgeTable(stored: unknown): string {
  const { model, answers, scoreAuc, deciles, byContrastSize, bySpanLength } = judgeResultSchema.parse(stored);
  const number = (value: number | null, digits: number) => (value === null ? "-" : value.toFixed(digits));
  return [
    `${answers} unsteered answers of ${model.name} (${model.weightType}) against the same answers under other prompts: ` +
      `area under the curve of the scores ${number(scoreAuc, 4)}.`,
    [
      "| score | n | share of true answers |",
      "|---|---|---|",
      ...deciles.map(
        ({ from, to, count, onTopic }) => `| ${from}-${to} | ${count} | ${number(onTopic, 2)} |`,
      ),
    ].join("\n"),
    [
      "| contrasts | AUC | on topic, nats a token | off topic |",
      "|---|---|---|---|",
      ...byContrastSize.map(
        ({ contrastSize, auc, on, off }) =>
          `| ${contrastSize} | ${number(auc, 4)} | ${number(on, 3)} | ${number(off, 3)} |`,
      ),
    ].join("\n"),
    [
      "| first tokens only | answers | AUC |",
      "|---|---|---|",
      ...bySpanLength.map((each) => `| ${each.tokens} | ${each.answers} | ${number(each.auc, 4)} |`),
    ].join("\n"),
  ].join("\n\n");
}

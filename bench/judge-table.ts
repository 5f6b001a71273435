/** The tables of `countersteer judge validate --json`, stored as bench/results/judge-validation.json. */
import { z } from "zod";

const separation = { auc: z.number().nullable(), on: z.number().nullable(), off: z.number().nullable() };

const tally = z.object({ answers: z.number(), alarms: z.number() });

/** What results of likelihood/2 hold besides. */
const secondSchema = z.object({
  contrastChoice: z.object({
    chosen: z.number().nullable(),
    best: z.number().nullable(),
    below: z.array(
      z.object({ contrastSize: z.number(), difference: z.number(), lower: z.number(), upper: z.number() }),
    ),
  }),
  fluency: z.object({
    measures: z.array(
      z.object({ measure: z.string(), shuffled: z.number().nullable(), broken: z.number().nullable() }),
    ),
    broken: z.object({
      answers: z.number(),
      meanScore: z.number().nullable(),
      above30: z.number(),
      highest: z.number().nullable(),
    }),
    unsteered: z.object({
      answers: z.number(),
      lowered: z.number(),
      meanFluency: z.number().nullable(),
      least: z.number().nullable(),
    }),
  }),
  recovery: z.object({
    threshold: z.number().nullable(),
    unsteered: tally,
    deranged: tally,
    broken: tally,
    spliced: z.array(
      z.object({ offTopicTokens: z.number(), answers: z.number(), found: z.number(), inPlace: z.number() }),
    ),
  }),
});

export const judgeResultSchema = z.object({
  model: z.object({ name: z.string(), weightType: z.string() }),
  answers: z.number(),
  scoreAuc: z.number().nullable(),
  deciles: z.array(
    z.object({ from: z.number(), to: z.number(), count: z.number(), onTopic: z.number().nullable() }),
  ),
  byContrastSize: z.array(z.object({ contrastSize: z.number(), ...separation })),
  bySpanLength: z.array(z.object({ tokens: z.number(), answers: z.number(), ...separation })),
  ...secondSchema.partial().shape,
});

const number = (value: number | null, digits: number) => (value === null ? "-" : value.toFixed(digits));

/** Fluency, choice of contrasts and implicit recovery; nothing for a result that has none. */
export function judgeComponentsTable(stored: unknown): string {
  const parsed = secondSchema.safeParse(stored);
  // a result of the judge's first version lacks these, and anything else is no result at all
  if (!parsed.success) return judgeResultSchema.parse(stored) && "Not measured for this version yet.";
  const { contrastChoice, fluency, recovery } = parsed.data;
  const { broken, unsteered } = fluency;
  return [
    [
      "| measure | AUC against shuffled words | against answers steered until they broke |",
      "|---|---|---|",
      ...fluency.measures.map(
        ({ measure, shuffled, broken }) => `| ${measure} | ${number(shuffled, 4)} | ${number(broken, 4)} |`,
      ),
    ].join("\n"),
    `Of ${broken.answers} broken answers ${broken.above30} score above 30; their mean score is ${number(broken.meanScore, 1)}, the highest ${number(broken.highest, 1)}. ` +
      `Fluency lowers the score of ${unsteered.lowered} of ${unsteered.answers} unsteered answers (mean fluency ${number(unsteered.meanFluency, 3)}, least ${number(unsteered.least, 2)}).`,
    [
      "| contrasts | forward passes a response | AUC below the best | 95 % interval |",
      "|---|---|---|---|",
      ...contrastChoice.below.map(
        ({ contrastSize, difference, lower, upper }) =>
          `| ${contrastSize} | ${contrastSize + 1} | ${number(difference, 5)} | [${number(lower, 5)}, ${number(upper, 5)}] |`,
      ),
    ].join("\n"),
    `The smallest number that can't be told from the best is ${contrastChoice.chosen ?? "-"}.`,
    [
      `| implicit recovery, threshold ${number(recovery.threshold, 2)} | answers | found | in place |`,
      "|---|---|---|---|",
      `| none: unsteered | ${recovery.unsteered.answers} | ${recovery.unsteered.alarms} | |`,
      `| none: unsteered, read under another prompt | ${recovery.deranged.answers} | ${recovery.deranged.alarms} | |`,
      `| none: steered until it broke | ${recovery.broken.answers} | ${recovery.broken.alarms} | |`,
      ...recovery.spliced.map(
        ({ offTopicTokens, answers, found, inPlace }) =>
          `| built: after ${offTopicTokens} tokens off topic | ${answers} | ${found} | ${inPlace} |`,
      ),
    ].join("\n"),
  ].join("\n\n");
}

export function judgeTable(stored: unknown): string {
  const { model, answers, scoreAuc, deciles, byContrastSize, bySpanLength } = judgeResultSchema.parse(stored);
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

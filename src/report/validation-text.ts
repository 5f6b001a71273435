/** The result of `judge validate` for a person. */
import Table from "cli-table3";
import type { LikelihoodValidation } from "../judge/validate-likelihood.ts";

export function validationText(validation: LikelihoodValidation): string {
  const { answers, scoreAuc, deciles, byContrastSize, bySpanLength, contrastChoice, fluency, recovery } =
    validation;
  const number = (value: number | null, digits = 3) => (value === null ? "-" : value.toFixed(digits));
  const table = (head: string[], rows: string[][]) => {
    const made = new Table({ head, style: { head: [], border: [], compact: true } });
    made.push(...rows);
    return made.toString();
  };
  return [
    `${answers} unsteered answers against the same answers under other prompts: AUC of scores ${number(scoreAuc, 4)}`,
    "",
    "Calibration curve: share of true answers by score",
    table(
      ["score", "n", "on topic"],
      deciles.map(({ from, to, count, onTopic }) => [`${from}-${to}`, String(count), number(onTopic, 2)]),
    ),
    "Cost against separation: contrasts a response",
    table(
      ["contrasts", "AUC", "nats a token, on", "off"],
      byContrastSize.map(({ contrastSize, auc, on, off }) => [
        String(contrastSize),
        number(auc, 4),
        number(on),
        number(off),
      ]),
    ),
    `The smallest number that can't be told from the best: ${contrastChoice.chosen ?? "-"}`,
    "",
    "Fluency: area under the curve against broken text",
    table(
      ["measure", "shuffled words", "steered until broken"],
      fluency.measures.map(({ measure, shuffled, broken }) => [
        measure,
        number(shuffled, 4),
        number(broken, 4),
      ]),
    ),
    `${fluency.broken.above30} of ${fluency.broken.answers} broken answers score above 30; ` +
      `fluency lowers ${fluency.unsteered.lowered} of ${fluency.unsteered.answers} unsteered answers`,
    "",
    `Implicit recovery, threshold ${number(recovery.threshold, 2)}`,
    table(
      ["answers", "n", "found", "in place"],
      [
        ["unsteered", String(recovery.unsteered.answers), String(recovery.unsteered.alarms), ""],
        ["under another prompt", String(recovery.deranged.answers), String(recovery.deranged.alarms), ""],
        ["steered until broken", String(recovery.broken.answers), String(recovery.broken.alarms), ""],
        ...recovery.spliced.map(({ offTopicTokens, answers, found, inPlace }) => [
          `built, ${offTopicTokens} tokens off topic`,
          String(answers),
          String(found),
          String(inPlace),
        ]),
      ],
    ),
    "How short an attempt may be: first tokens of an answer",
    table(
      ["tokens", "answers", "AUC", "on", "off"],
      bySpanLength.map((each) => [
        String(each.tokens),
        String(each.answers),
        number(each.auc, 4),
        number(each.on),
        number(each.off),
      ]),
    ),
  ].join("\n");
}

/** The tables of the restart splitter's accuracy, stored as bench/results/splitter.json. */
import { z } from "zod";
import { wilson } from "../src/stats/wilson.ts";
import { TOLERANCE } from "./splitter-accuracy.ts";

const count = z.number().int().nonnegative();
const counts = {
  cases: count,
  boundaries: count,
  found: count,
  missed: count,
  invented: count,
  exact: count,
};
const share = z.number().min(0).max(1);

const accuracySchema = z.strictObject({
  ...counts,
  precision: share,
  recall: share,
  f1: share,
  confusion: z.strictObject({
    multiFoundMulti: count,
    multiFoundSingle: count,
    singleFoundMulti: count,
    singleFoundSingle: count,
  }),
  byKind: z.array(z.strictObject({ kind: z.string(), ...counts })),
  wrong: z.array(z.string()),
});

export const splitterResultSchema = z.strictObject({
  splitter: z.string(),
  halves: z.strictObject({ development: accuracySchema, "held-out": accuracySchema }),
  /** Answers of an unsteered model that the splitter was run over, and an excerpt of each answer that it split. */
  unsteered: z.strictObject({ answers: count, hash: z.string(), hits: z.array(z.string()) }).nullable(),
});
export type SplitterResult = z.infer<typeof splitterResultSchema>;

export function splitterTable(stored: unknown): string {
  const { splitter, halves, unsteered } = splitterResultSchema.parse(stored);
  const entries = Object.entries(halves);
  const kinds = halves.development.byKind.map(({ kind }) => kind);
  return [
    [
      `| \`${splitter}\` | cases | boundaries | found | missed | invented | precision | recall | F1 |`,
      "|---|---|---|---|---|---|---|---|---|",
      ...entries.map(
        ([half, { cases, boundaries, found, missed, invented, precision, recall, f1 }]) =>
          `| ${half} | ${cases} | ${boundaries} | ${found} | ${missed} | ${invented} | ${precision.toFixed(3)} | ${recall.toFixed(3)} | ${f1.toFixed(3)} |`,
      ),
    ].join("\n"),
    `A boundary is found within ${TOLERANCE} characters of the known one; ` +
      `${entries.map(([half, { exact, found }]) => `${exact} of ${found} (${half})`).join(" and ")} are exact. As a confusion table of responses:`,
    [
      "| half | holds | split | not split |",
      "|---|---|---|---|",
      ...entries.flatMap(([half, { confusion }]) => [
        `| ${half} | a restart | ${confusion.multiFoundMulti} | ${confusion.multiFoundSingle} |`,
        `| ${half} | none | ${confusion.singleFoundMulti} | ${confusion.singleFoundSingle} |`,
      ]),
    ].join("\n"),
    [
      "| kind of case, held-out | cases | boundaries | found | missed | invented |",
      "|---|---|---|---|---|---|",
      ...kinds.flatMap((kind) =>
        halves["held-out"].byKind
          .filter((each) => each.kind === kind)
          .map(
            (each) =>
              `| ${kind} | ${each.cases} | ${each.boundaries} | ${each.found} | ${each.missed} | ${each.invented} |`,
          ),
      ),
    ].join("\n"),
    ...(unsteered === null ? [] : [falseAlarmText(unsteered)]),
  ].join("\n\n");
}

function falseAlarmText({ answers, hits }: NonNullable<SplitterResult["unsteered"]>): string {
  const { lower, upper } = wilson({ successes: hits.length, n: answers, level: 0.95 });
  const perThousand = (value: number) => (1000 * value).toFixed(2);
  return (
    `Of ${answers} unsteered answers of the default model the splitter split ${hits.length}: ` +
    `${perThousand(hits.length / answers)} in 1,000 [${perThousand(lower)}, ${perThousand(upper)}].`
  );
}

/** The agreement of a run's judges as text. */
import type {
  PairAgreement,
  RunAgreement,
  ShownAttempt,
  ShownDisagreement,
} from "../../experiment/judge-agreement.ts";
import type { Measure } from "../../judge/agreement.ts";
import { fixed, oneLine, short } from "../../report/number-text.ts";
import { paint, renderTable } from "../../report/render-table.ts";
import { wrapText } from "../../report/wrap-text.ts";

export interface AgreementTextOptions {
  agreement: RunAgreement;
  color: boolean;
  /** Columns of the screen. */
  width: number;
}

/** Characters of an attempt that are shown. */
const SHOWN = 240;

export function agreementText(options: AgreementTextOptions): string {
  const { agreement, color } = options;
  const { dir, arm, responses, margin, alphaOfAll, pairs } = agreement;
  return [
    `${responses} responses of ${dir}${arm === null ? "" : `, arm ${arm}`}`,
    judgesTable({ agreement, color }),
    ...(alphaOfAll === null
      ? []
      : [
          `Krippendorff's alpha of all judges' first scores: ${measureText(alphaOfAll, 3)}, ${alphaOfAll.n} responses.`,
        ]),
    ...pairs.map((pair) => pairText({ pair, ...options })),
    wrapText({
      text: `Success: last score > first score + ${short(margin)}. Failures are no opinions and enter no number. Intervals are 95 % by latent; - stands where the data say nothing.`,
      width: options.width,
    }),
  ].join("\n\n");
}

function judgesTable({ agreement, color }: Pick<AgreementTextOptions, "agreement" | "color">): string {
  return renderTable({
    head: ["judge", "scored", "no attempt", "refused", "empty", "unparsable", "failed", "not judged"],
    rows: agreement.judges.map(({ judge, byStatus, unjudged }) => [
      judge,
      String(byStatus.scored),
      String(byStatus["no-attempt"]),
      String(byStatus.refused),
      String(byStatus.empty),
      String(byStatus.unparsable),
      String(byStatus.failed),
      String(unjudged),
    ]),
    color,
  });
}

type MeasureName = {
  [K in keyof PairAgreement]: PairAgreement[K] extends Measure ? K : never;
}[keyof PairAgreement];

const MEASURES: [MeasureName, string, number][] = [
  ["multiAttempt", "kappa: several attempts", 3],
  ["attempts", "weighted kappa: number of attempts", 3],
  ["improved", "kappa: improved", 3],
  ["pearson", "Pearson: first score", 3],
  ["spearman", "Spearman: first score", 3],
  ["alpha", "Krippendorff's alpha: first score", 3],
  ["bias", "second less first: first score", 1],
  ["direction", "equal direction, first to last", 3],
  ["boundaries", "restarts found again", 3],
];

function pairText({ pair, color, width }: AgreementTextOptions & { pair: PairAgreement }): string {
  const { first, second, both, onlyFirst, onlySecond, neither, multiAttemptTable: several } = pair;
  const title = `${first} and ${second}`;
  const { count, worst } = pair.disagreements;
  return [
    color ? paint("bold", title) : title,
    wrapText({
      text: `Opinions of both ${both}, of the first only ${onlyFirst}, of the second only ${onlySecond}, of neither ${neither}. Several attempts: both ${several.both}, only the first ${several.onlyFirst}, only the second ${several.onlySecond}, neither ${several.neither}.`,
      width,
    }),
    renderTable({
      head: ["", "n", "value", "95 %"],
      rows: MEASURES.map(([name, label, digits]) => {
        const { n, estimate, lower, upper } = pair[name];
        return [label, String(n), fixed(estimate, digits), range({ lower, upper, digits })];
      }),
      color,
    }),
    `Different opinions: ${count}${worst.length === 0 ? "" : `; the ${worst.length} furthest apart`}`,
    ...worst.map((each) => disagreementText({ each, width })),
  ].join("\n");
}

function measureText({ estimate, lower, upper }: Measure, digits: number): string {
  return `${fixed(estimate, digits)} ${range({ lower, upper, digits })}`;
}

function range({ lower, upper, digits }: Pick<Measure, "lower" | "upper"> & { digits: number }): string {
  return lower === null || upper === null ? "-" : `[${lower.toFixed(digits)}, ${upper.toFixed(digits)}]`;
}

function disagreementText({ each, width }: { each: ShownDisagreement; width: number }): string {
  const { key, about, arm, latent, prompt, first, second } = each;
  const lines = (name: string, attempts: ShownAttempt[]) =>
    attempts.length === 0
      ? [`${name}: no attempt`]
      : attempts.map(
          ({ start, end, score, text }, i) =>
            `${name} ${i + 1}: ${score === null ? "not scored" : fixed(score, 0)} [${start}, ${end}) ${oneLine(text, SHOWN)}`,
        );
  return [
    wrapText({
      text: `${about}: ${key}, ${arm}${latent === null ? "" : `, latent ${latent}`}: ${oneLine(prompt, SHOWN)}`,
      width,
      indent: 2,
    }),
    ...[...lines("first", first), ...lines("second", second)].map((text) =>
      wrapText({ text, width, indent: 4 }),
    ),
  ].join("\n");
}

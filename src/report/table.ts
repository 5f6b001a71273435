/** A summary as text for a terminal or a log; printing it is the caller's business. */
import type { ArmCounts, ArmSummary } from "./arm-summary.ts";
import { bounds, fixed, oneLine, percent, short } from "./number-text.ts";
import { recoveriesText } from "./recoveries.ts";
import { paint, renderTable } from "./render-table.ts";
import type { Robustness } from "./robustness.ts";
import type { RunSummary } from "./summarise.ts";
import { wrapText } from "./wrap-text.ts";

export interface SummaryTextOptions {
  summary: RunSummary;
  color: boolean;
  /** Columns of the screen. @default 80 */
  width?: number;
  /** Latents in the calibration table; the rest is counted. @default 20 */
  calibrationLimit?: number;
}

export function summaryText(options: SummaryTextOptions): string {
  const { summary, color, width = 80 } = options;
  const title = (text: string) => (color ? paint("bold", text) : text);
  return [
    heading(summary),
    `${title("Rates")}\n${ratesTable(summary, color)}\n${wrapText({ text: ratesNote(summary), width })}`,
    `${title("Denominators")}\n${countsTable(summary, color)}`,
    ...robustnessParts(summary).map((text) => `${title("What success hangs on")}\n${text}`),
    ...(summary.recoveries === null
      ? []
      : [
          `${title("Return to the topic without restart wording")}\n${recoveriesText({ recoveries: summary.recoveries, level: summary.level })}`,
        ]),
    ...(summary.calibration.length === 0 ? [] : [`${title("Thresholds")}\n${calibrationTable(options)}`]),
    ...summary.arms.flatMap((arm) => (arm.example === null ? [] : [exampleText(arm, options)])),
  ].join("\n\n");
}

function heading({ manifest, judge, dir }: RunSummary): string {
  const { design, model, layer, target, seed } = manifest;
  const facts = [
    `${model.architecture} ${model.weightType} (${model.weightMode})`,
    ...(layer === null ? [] : [`layer ${layer}`]),
    ...(target === null ? [] : [`target ${short(target)}`]),
    `judge ${judge}`,
    ...(seed === null ? [] : [`seed ${seed}`]),
  ];
  return `${design} in ${dir}\n${facts.join(", ")}`;
}

function ratesTable({ arms, level }: Pick<RunSummary, "arms" | "level">, color: boolean): string {
  const rows = arms.flatMap((arm) => {
    const rates = { "multi-attempt": arm.multiAttempt, ESR: arm.esr, "improved of multi": arm.improvement };
    return [
      [
        arm.arm,
        "first score",
        String(arm.firstScore.n),
        fixed(arm.firstScore.estimate),
        "",
        bounds(arm.firstScore),
        "",
      ],
      ...Object.entries(rates).map(([name, rate]) => [
        "",
        name,
        `${rate.successes}/${rate.n}`,
        percent(rate.estimate),
        bounds(rate.wilson, 100),
        bounds(rate.byLatent, 100),
        bounds(rate.byLatentAndPrompt, 100),
      ]),
    ];
  });
  const coverage = `${short(100 * level)} %`;
  return renderTable({
    head: ["arm", "measure", "n", "value", `Wilson ${coverage}`, `by latent ${coverage}`, "and prompt"],
    rows,
    color,
    align: ["left", "left", "right", "right", "right", "right", "right"],
  });
}

function ratesNote({ margin, excludeDegraded, arms }: RunSummary): string {
  const few = arms.filter(({ clusters }) => clusters > 0 && clusters < 10);
  return [
    `Success: last score > first score + ${short(margin)}.`,
    excludeDegraded ? "Degraded responses are left out." : "Degraded responses are kept.",
    ...(few.length === 0
      ? []
      : [
          `With fewer than ten latents (${few.map(({ arm }) => arm).join(", ")}) the interval by latent is too narrow.`,
        ]),
  ].join(" ");
}

/** A table, where some arm has a multi-attempt trial; else there is no success that could hang on anything. */
function robustnessParts({ arms, margin }: RunSummary): string[] {
  const shown = arms.filter(({ robustness }) => robustness.multiAttempt > 0);
  if (shown.length === 0) return [];
  const expected = (value: number | null) => (value === null ? "-" : value.toFixed(1));
  const rows: [string, (robustness: Robustness) => string][] = [
    [`improved by more than ${short(margin)}`, ({ improved, multiAttempt }) => `${improved}/${multiAttempt}`],
    ["  by chance: attempts in random order", ({ shuffledExpected }) => expected(shuffledExpected)],
    ["  by chance: another trial's last score", ({ swappedExpected }) => expected(swappedExpected)],
    ["  by the lengths of the attempts alone", ({ lengthExpected }) => expected(lengthExpected)],
    ["  p of as many in random order", ({ shuffledP }) => fixed(shuffledP, 3)],
    [
      "successes at margin 0 / 5 / 10 / 20 / 30",
      ({ margins }) => STEPS.map((step) => at(margins, step)).join(" / "),
    ],
    ["cut off at the limit: one attempt", ({ truncated }) => String(truncated.single ?? "unknown")],
    ["cut off at the limit: several", ({ truncated }) => String(truncated.multiAttempt ?? "unknown")],
  ];
  return [
    renderTable({
      head: ["", ...shown.map(({ arm }) => arm)],
      rows: rows.map(([name, cell]) => [name, ...shown.map(({ robustness }) => cell(robustness))]),
      color: false,
    }),
  ];
}

const STEPS = [0, 5, 10, 20, 30];

function at(margins: Robustness["margins"], step: number): string {
  return String(margins.find(({ margin }) => margin === step)?.improved ?? "-");
}

const COUNT_NAMES: Record<keyof ArmCounts, string> = {
  trials: "trials",
  errored: "  errored",
  generated: "  generated",
  degraded: "    degraded",
  unjudged: "    not judged yet",
  judged: "    judged",
  scored: "      scored",
  excluded: "        left out as degraded",
  multiAttempt: "        multi-attempt",
  improved: "          improved",
  worsened: "          worsened",
  noAttempt: "      no attempt",
  refused: "      judge refused",
  empty: "      judge said nothing",
  unparsable: "      judge unparsable",
  failed: "      judge failed",
};

/** Every denominator of every arm; mean dose last. */
function countsTable({ arms }: Pick<RunSummary, "arms">, color: boolean): string {
  // the keys of a literal object are exactly its declared fields
  const names = Object.entries(COUNT_NAMES) as [keyof ArmCounts, string][];
  return renderTable({
    head: ["", ...arms.map(({ arm }) => arm)],
    rows: [
      ...names.map(([key, name]) => [name, ...arms.map(({ counts }) => String(counts[key]))]),
      ["mean dose", ...arms.map(({ dose }) => fixed(dose.mean, 3))],
    ],
    color,
  });
}

function calibrationTable(options: SummaryTextOptions): string {
  const { summary, color, width = 80, calibrationLimit = 20 } = options;
  const labelWidth = Math.max(8, width - 70);
  const shown = summary.calibration.slice(0, calibrationLimit);
  const table = renderTable({
    head: ["latent", "label", "threshold", "90 %", "queries", "verified", ""],
    rows: shown.map((row) => [
      String(row.latent),
      oneLine(row.label ?? "", labelWidth),
      short(row.threshold),
      bounds(row),
      `${row.queries} (${row.scoredSamples})`,
      row.verification.n === 0 ? "-" : `${fixed(row.verification.mean)} (${row.verification.n})`,
      row.saturation === null ? "" : `at the ${row.saturation} end`,
    ]),
    color,
    align: ["right", "left", "right", "right", "right", "right", "left"],
  });
  const hidden = summary.calibration.length - shown.length;
  return hidden === 0 ? table : `${table}\n... and ${hidden} more latents`;
}

/** Characters of an attempt that an example shows. */
const SHOWN = 400;

function exampleText({ arm, example }: ArmSummary, { color, width = 80 }: SummaryTextOptions): string {
  if (example === null) {
    return "";
  }
  const { kind, prompt, text, attempts, latent, strength, status } = example;
  const title = `Example of ${arm}: ${kind}`;
  const where = latent === null ? [] : [`latent ${latent} at ${short(strength)}`];
  const parts =
    attempts.length === 0
      ? [`response (${status ?? "not judged"}): ${oneLine(text, SHOWN)}`]
      : attempts.map(
          ({ start, end, score }, i) =>
            `attempt ${i + 1}, ${score === null ? "not scored" : `score ${fixed(score)}`}: ${oneLine(text.slice(start, end), SHOWN)}`,
        );
  return [
    color ? paint("bold", title) : title,
    ...[...where, `prompt: ${oneLine(prompt, SHOWN)}`, ...parts].map((text) =>
      wrapText({ text, width, indent: 2 }),
    ),
  ].join("\n");
}

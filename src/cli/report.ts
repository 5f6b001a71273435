/** `countersteer report`: the tables of one run, or of several side by side, and the report as files. */
import { type Command, Option } from "commander";
import { type RunReport, runReport, runReportText } from "../report/run-report.ts";
import { trialReport, trialReportText } from "../report/trial-report.ts";
import { assertComparable, COMPARED_FIELDS, describeDifference } from "../store/comparable.ts";
import { chooseJudges } from "../store/judge-choice.ts";
import { openRun } from "../store/open-store.ts";
import type { RunStore } from "../store/run-store.ts";
import type { CliContext } from "./context.ts";
import { realNumber } from "./numbers.ts";

interface ReportFlags {
  margin?: number;
  allow?: string;
  trial?: string;
  judge?: string;
  html?: string;
  md?: string;
  figures?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("report")
    .description(
      "Print the rates of stored runs, with intervals and every denominator, or write them with figures and trials to read.",
    )
    .argument("<folders...>", "folders of runs; several must be comparable")
    .option(
      "--margin <points>",
      "least gain that counts as a success (default: the run's)",
      realNumber({ flag: "--margin", min: 0 }),
    )
    .option("--allow <fields>", `fields that may differ between runs: ${COMPARED_FIELDS.join(", ")}; or all`)
    .option("--judge <name>", "whose judgements count (default: each run's own judge)")
    .option("--html <file>", "write one self-contained page; only an earlier report is overwritten")
    .option(
      "--md <file>",
      "write Markdown, with its figures in FILE-figures; only an earlier report is overwritten",
    )
    .option("--figures <folder>", "write each figure as SVG, PNG and CSV; earlier ones are overwritten")
    .addOption(
      new Option(
        "--trial <key>",
        "one trial of the first folder, with the judge's curve over its tokens",
      ).conflicts(["html", "md", "figures"]),
    )
    .action((dirs: string[], flags: ReportFlags) =>
      flags.trial === undefined
        ? report({ dirs, flags, context })
        : reportTrial({ dir: dirs[0] ?? "", key: flags.trial, context }),
    );
}

async function report({
  dirs,
  flags,
  context,
}: {
  dirs: string[];
  flags: ReportFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal } = context;
  const opened = dirs.map((dir) => openRun({ dir, mode: "read" }));
  try {
    const allow = flags.allow === "all" ? true : (flags.allow?.split(",").map((field) => field.trim()) ?? []);
    const manifests = opened.map((store) => ({ name: store.dir, manifest: store.manifest() }));
    const differences = assertComparable({ manifests, allow });
    const reports = opened.map((store) => {
      const { margin, judge } = flags;
      const [named] = judge === undefined ? [] : chooseJudges({ store, names: [judge] });
      return runReport({
        store,
        ...(margin === undefined ? {} : { margin }),
        ...(named === undefined ? {} : { judge: named.judge }),
      });
    });
    const sentences = differences.map((each) => `These runs differ in ${describeDifference(each)}.`);
    const files = await writeFiles({ opened, reports, sentences, flags, context });
    terminal.result({
      data: reports.length === 1 ? reports[0] : { runs: reports, differences },
      text: () =>
        files ??
        [
          ...reports.map((each) =>
            runReportText({ report: each, color: terminal.color, width: terminal.columns }),
          ),
          ...sentences,
        ].join("\n\n"),
    });
  } finally {
    for (const store of opened) {
      store.close();
    }
  }
}

/** What was written, in words; null where no file is asked for. */
async function writeFiles({
  opened,
  reports,
  sentences,
  flags: { html, md, figures },
  context: { terminal },
}: {
  opened: readonly RunStore[];
  reports: readonly RunReport[];
  sentences: readonly string[];
  flags: ReportFlags;
  context: CliContext;
}): Promise<string | null> {
  if (html === undefined && md === undefined && figures === undefined) return null;
  // drawing takes libraries that a printed report does without
  const { writeReportFiles } = await import("./report/report-files.ts");
  const result = await writeReportFiles({
    runs: opened.flatMap((store, i) => {
      const each = reports[i];
      return each === undefined ? [] : [{ store, report: each }];
    }),
    differences: sentences,
    ...(html === undefined ? {} : { html }),
    ...(md === undefined ? {} : { md }),
    ...(figures === undefined ? {} : { figures }),
    onProgress: (what) => terminal.status(what),
  });
  return `${result.written.join(", ")}: ${opened.length === 1 ? "1 run" : `${opened.length} runs`}, ${result.figures} figures`;
}

function reportTrial({ dir, key, context }: { dir: string; key: string; context: CliContext }): void {
  const { terminal } = context;
  using store = openRun({ dir, mode: "read" });
  const report = trialReport({ store, key });
  terminal.result({ data: report, text: () => trialReportText({ report, width: terminal.columns }) });
}

/** `countersteer report`: the table of one run, or of several side by side. */
import type { Command } from "commander";
import { runReport, runReportText } from "../report/run-report.ts";
import { trialReport, trialReportText } from "../report/trial-report.ts";
import { assertComparable, COMPARED_FIELDS, describeDifference } from "../store/comparable.ts";
import { chooseJudges } from "../store/judge-choice.ts";
import { openRun } from "../store/open-store.ts";
import type { CliContext } from "./context.ts";
import { realNumber } from "./numbers.ts";

interface ReportFlags {
  margin?: number;
  allow?: string;
  trial?: string;
  judge?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("report")
    .description("print the rates of stored runs, with intervals and every denominator")
    .argument("<folders...>", "folders of runs; several must be comparable")
    .option(
      "--margin <points>",
      "least gain that counts as a success (default: the run's)",
      realNumber({ flag: "--margin", min: 0 }),
    )
    .option("--allow <fields>", `fields that may differ between runs: ${COMPARED_FIELDS.join(", ")}; or all`)
    .option("--judge <name>", "whose judgements count (default: each run's own judge)")
    .option("--trial <key>", "one trial of the first folder, with the judge's curve over its tokens")
    .action((dirs: string[], flags: ReportFlags) =>
      flags.trial === undefined
        ? report({ dirs, flags, context })
        : reportTrial({ dir: dirs[0] ?? "", key: flags.trial, context }),
    );
}

function report({ dirs, flags, context }: { dirs: string[]; flags: ReportFlags; context: CliContext }): void {
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
    terminal.result({
      data: reports.length === 1 ? reports[0] : { runs: reports, differences },
      text: () =>
        [
          ...reports.map((each) =>
            runReportText({ report: each, color: terminal.color, width: terminal.columns }),
          ),
          ...differences.map((difference) => `These runs differ in ${describeDifference(difference)}.`),
        ].join("\n\n"),
    });
  } finally {
    for (const store of opened) {
      store.close();
    }
  }
}

function reportTrial({ dir, key, context }: { dir: string; key: string; context: CliContext }): void {
  const { terminal } = context;
  using store = openRun({ dir, mode: "read" });
  const report = trialReport({ store, key });
  terminal.result({ data: report, text: () => trialReportText({ report, width: terminal.columns }) });
}

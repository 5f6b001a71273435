/** `countersteer timeline`: activations around the restarts of a run, or token by token in one of its trials. */
import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { stringify } from "csv-stringify/sync";
import { CountersteerError } from "../errors.ts";
import { parseConfig } from "../experiment/config.ts";
import { replayTrial } from "../experiment/replay-trial.ts";
import { recordingOf, WATCHED_NOTHING, watchedGroups } from "../experiment/watched-latents.ts";
import { activationReports } from "../report/activations/activation-report.ts";
import { alignedRows, type FigureRow, trialTimelineRows } from "../report/activations/timeline-rows.ts";
import { alignedText, trialTimelineText } from "../report/activations/timeline-text.ts";
import {
  storedRecording,
  type TrialTimelineOptions,
  trialTimeline,
  type WatchedGroup,
} from "../report/activations/trial-timeline.ts";
import { trialReport } from "../report/trial-report.ts";
import { chooseJudges } from "../store/judge-choice.ts";
import { openRun } from "../store/open-store.ts";
import type { TrialRecord } from "../store/records.ts";
import type { RunStore } from "../store/run-store.ts";
import { checkWritable } from "./capture/files.ts";
import type { CliContext } from "./context.ts";
import { withSession } from "./execute-run.ts";
import { wholeNumbers } from "./numbers.ts";
import { addMachineOptions, type MachineFlags } from "./options.ts";

interface TimelineFlags extends MachineFlags {
  trial?: string;
  judge?: string;
  detectors?: string;
  backtracking?: string;
  latents?: number[];
  csv?: string;
}

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("timeline")
    .description(
      "Activations around the restarts of a run whose design records them; with --trial, of one trial at each token.\n" +
        "With latents of your own, the trial's tokens are read again under the very edits that it was generated with.",
    )
    .argument("<run>", "the run's folder")
    .option("--trial <key>", "one trial, by its key or how the key begins")
    .option("--detectors <file>", "with --trial: read these detectors again")
    .option("--backtracking <file>", "with --trial: read these backtracking latents again")
    .addOption(
      new Option("--latents <k,k,...>", "with --trial: read these latents again").argParser(
        wholeNumbers({ flag: "--latents", min: 0 }),
      ),
    )
    .option("--judge <name>", "whose attempts make the regions (default: the run's own judge)")
    .option("--csv <file>", "write the figure's data there, too");
  addMachineOptions(command).action((dir: string, flags: TimelineFlags) => timeline({ dir, flags, context }));
}

interface Options {
  dir: string;
  flags: TimelineFlags;
  context: CliContext;
}

async function timeline({ dir, flags, context }: Options): Promise<void> {
  const { terminal } = context;
  if (flags.csv !== undefined) await checkWritable({ file: flags.csv });
  using store = openRun({ dir, mode: "read" });
  const [named] = flags.judge === undefined ? [] : chooseJudges({ store, names: [flags.judge] });
  const judge = named?.judge ?? store.manifest().judge.id;
  if (flags.trial === undefined) {
    const reports = activationReports({ store, judge });
    if (reports.length === 0)
      throw nothingRecorded({
        dir,
        todo: "Name the design `activations` or `timeline` in a run, or one trial with --trial and latents.",
      });
    await writeRows({ file: flags.csv, rows: alignedRows(reports) });
    terminal.result({
      data: reports.map(({ design, aligned, episodes }) => ({ design, episodes, aligned })),
      text: () => reports.map((report) => alignedText({ report })).join("\n\n"),
    });
    return;
  }
  const { key } = trialReport({ store, key: flags.trial }).trial;
  const trial = store.trial(key);
  if (trial === null) throw new Error(`the trial ${key} was there a moment ago`);
  const read = await readingOf({ dir, flags, context, store, trial });
  const result = trialTimeline({ trial, judgement: store.judgement({ trialKey: key, judge }), ...read });
  await writeRows({ file: flags.csv, rows: trialTimelineRows(result) });
  terminal.result({ data: result, text: () => trialTimelineText({ timeline: result }) });
}

/** What was recorded, or is read now where latents are named. */
async function readingOf(
  options: Options & { store: RunStore; trial: TrialRecord },
): Promise<Pick<TrialTimelineOptions, "recording" | "groups" | "source">> {
  const { dir, flags, context, store, trial } = options;
  const groups = await groupsOf(flags);
  if (groups.length === 0) {
    const stored = storedRecording({ store, trialKey: trial.key });
    if (stored !== null) return { ...stored, source: "recorded" };
    throw nothingRecorded({
      dir,
      todo: "Give --detectors, --backtracking or --latents: they are then read again.",
    });
  }
  const { config: settings } = store.manifest();
  const config = parseConfig({ settings, source: `${dir} (the run's own settings)` });
  const { signal, terminal } = context;
  return await withSession({ config, flags, context }, async (session) => {
    terminal.status("reading the trial again");
    const { latents } = recordingOf({ name: "replay", groups });
    const all = trial.latent === null ? latents : [...new Set([...latents, trial.latent])];
    const { recording } = await replayTrial({ session, store, trial, latents: all, signal });
    return { recording, groups, source: "replayed" as const };
  });
}

async function groupsOf({ detectors, backtracking, latents }: TimelineFlags): Promise<WatchedGroup[]> {
  return [
    ...(await watchedGroups({
      ...WATCHED_NOTHING,
      detectors: detectors ?? null,
      backtracking: backtracking ?? null,
    })),
    ...(latents === undefined ? [] : [{ name: "latents", latents }]),
  ];
}

async function writeRows({
  file,
  rows,
}: {
  file: string | undefined;
  rows: readonly FigureRow[];
}): Promise<void> {
  if (file === undefined) return;
  await writeFile(file, stringify([...rows], { header: true, columns: Object.keys(rows[0] ?? {}) }));
}

function nothingRecorded({ dir, todo }: { dir: string; todo: string }): CountersteerError {
  return new CountersteerError("REQUEST_INVALID", {
    what: `The run in ${dir} has no such recording.`,
    why: "Latents are recorded where a design says so, while the answers are generated.",
    todo,
    facts: { dir },
  });
}

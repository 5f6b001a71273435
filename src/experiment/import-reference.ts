/** The reference's result files become a run, so that its statistics, reports and comparisons can be made of them (docs/reference-data.md). */
import { CountersteerError } from "../errors.ts";
import { isDegraded } from "../stats/degraded.ts";
import { assertComparable, describeDifference } from "../store/comparable.ts";
import { createRun } from "../store/open-store.ts";
import type { JudgementRecord } from "../store/records.ts";
import { IMPORTED_EVENT, type Imported } from "../store/reference/imported-event.ts";
import { importId, importManifest, UNKNOWN } from "../store/reference/manifest-of.ts";
import { type ReferenceFile, readReferenceFile } from "../store/reference/read-file.ts";
import { rowsOf, type TrialRow } from "../store/reference/rows-of.ts";
import { type AttemptCounts, referenceJudgements, type Verdict } from "./reference/judgements.ts";

export interface ImportReferenceOptions {
  /** Result files of one model. Each is an arm; files of the same arm are pooled. */
  files: readonly string[];
  /** Folder of the new run. */
  dir: string;
  /** Names of the arms, one a file. @default null, which takes what the files say */
  armNames?: readonly string[] | null;
  /** Fields in which the files may differ, as `assertComparable` names them, or `true` for all. @default false */
  allow?: readonly string[] | boolean;
  packageVersion: string;
  onProgress?: (progress: { done: number; total: number }) => void;
  now?: () => Date;
}

/** Trials between two calls of `onProgress`. */
const STEP = 200;

/**
 * All or nothing: nothing is written before every file is read and checked. Throws CONFIG_INVALID for a file that is no result file, with the place,
 * RUNS_UNEQUAL for files whose settings don't belong together, RUN_EXISTS.
 */
export function importReference(options: ImportReferenceOptions): Imported {
  const { dir, armNames = null, allow = false, packageVersion, onProgress, now = () => new Date() } = options;
  const files = readFiles(options);
  if (armNames !== null && armNames.length !== files.length) {
    throw refused(
      `${armNames.length} names of arms were given for ${files.length} files.`,
      "Name one arm a file, in order.",
    );
  }
  const id = importId(files);
  const at = now();
  const common = { id, packageVersion, now: at };
  const differences = assertComparable({
    manifests: files.map((file) => ({
      name: file.name,
      manifest: importManifest({ ...common, files: [file], prompts: null }),
    })),
    allow,
  });
  const { arms, latents, thresholds, trials, prompts, counts } = rowsOf({ files, armNames });
  const judged = trials.map((row, index) => {
    if (index % STEP === 0) onProgress?.({ done: index, total: trials.length });
    return { row, judgements: judgementsOf(row) };
  });
  const judgements = judged.flatMap((each) => each.judgements ?? []);
  const imported: Imported = {
    files: files.map(({ name }) => name),
    partialFiles: files.filter(({ named }) => named?.partial).map(({ name }) => name),
    counts: {
      ...counts,
      stored: trials.length,
      errored: trials.filter(({ trial }) => trial.error !== null).length,
      unjudged: trials.filter(({ trial, said }) => trial.error === null && said === null).length,
    },
    attempts: sumOf(judgements.map(({ attempts }) => attempts)),
    strict: byStatus(judgements.map(({ strict }) => strict)),
    raw: byStatus(judgements.map(({ raw }) => raw)),
    differences: differences.map(describeDifference),
    unknown: [...UNKNOWN],
  };
  using store = createRun({ dir, manifest: importManifest({ ...common, files, prompts }), now });
  const createdAt = at.toISOString();
  store.transaction(() => {
    store.putArms(arms);
    store.putLatents(latents);
    for (const threshold of thresholds) store.putThreshold(threshold);
    for (const { row, judgements: verdicts } of judged) {
      store.putTrial({ ...row.trial, degraded: isDegraded(row.trial.text), createdAt });
      for (const verdict of verdicts === null ? [] : [verdicts.strict, verdicts.raw]) {
        store.putJudgement(recordOf({ verdict, trialKey: row.trial.key, createdAt }));
      }
    }
    store.putEvent({ kind: IMPORTED_EVENT, detail: imported });
    // nothing is left to generate
    store.putEvent({ kind: "finished", detail: { trials: trials.length } });
  });
  return imported;
}

function readFiles({ files: paths }: ImportReferenceOptions): [ReferenceFile, ...ReferenceFile[]] {
  const [first, ...others] = paths.map(readReferenceFile);
  if (first === undefined) throw refused("No file was given.", "Name the result files.");
  const files: [ReferenceFile, ...ReferenceFile[]] = [first, ...others];
  const twice = files.find(({ sha256 }, i) => files.findIndex((each) => each.sha256 === sha256) !== i);
  if (twice !== undefined)
    throw refused(`${twice.path} holds the same bytes as a file before it.`, "Give each file once.");
  return files;
}

function refused(why: string, todo: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", { what: "These files can't be imported.", why, todo });
}

function judgementsOf({ trial, said }: TrialRow) {
  return said === null ? null : referenceJudgements({ response: trial.text, said });
}

interface RecordOptions {
  verdict: Verdict;
  trialKey: string;
  createdAt: string;
}

function recordOf({ verdict, trialKey, createdAt }: RecordOptions): JudgementRecord {
  return { ...verdict, trialKey, repeat: 0, createdAt };
}

function byStatus(verdicts: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of verdicts) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function sumOf(counts: readonly AttemptCounts[]): AttemptCounts {
  const sum: AttemptCounts = { given: 0, located: 0, approximate: 0, absent: 0, flawedScores: 0 };
  for (const each of counts) {
    sum.given += each.given;
    sum.located += each.located;
    sum.approximate += each.approximate;
    sum.absent += each.absent;
    sum.flawedScores += each.flawedScores;
  }
  return sum;
}

/** A run made of a file of trials that was exported (docs/store.md). What the file does not hold is absent from the run, and the run says so. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import { CountersteerError, isCode, messageOf } from "../../errors.ts";
import { canonicalHash } from "../canonical-json.ts";
import type { Manifest } from "../manifest.ts";
import { createRun } from "../open-store.ts";
import type { RunStore } from "../run-store.ts";
import { wholeFolder } from "../whole-folder.ts";
import { readCsv } from "./csv-table.ts";
import type { TableFormat } from "./formats.ts";
import { readJsonl } from "./jsonl-table.ts";
import { readParquet, readParquetRun } from "./parquet-table.ts";
import { badRow, type TableRow } from "./table-row.ts";
import { IMPORTED_TABLE_EVENT, type TableRun } from "./table-run.ts";

export interface ImportTableOptions {
  file: string;
  format: TableFormat;
  /** Folder of the new run; nothing may be there. */
  dir: string;
  packageVersion: string;
  onProgress?: (trials: number) => void;
  now?: () => Date;
}

export interface ImportedTable {
  file: string;
  format: TableFormat;
  sha256: string;
  trials: number;
  judgements: number;
  /** null where no row is judged. */
  judge: string | null;
  /** What the run lacks that a run of our own has. */
  absent: string[];
}

const READERS: Record<TableFormat, (options: { file: string }) => AsyncGenerator<TableRow>> = {
  jsonl: readJsonl,
  csv: readCsv,
  parquet: readParquet,
};

/** In no such file. */
const NEVER = [
  "judgements of other judges and earlier repeats",
  "samples of threshold searches",
  "recorded activations",
];
/** What a file without the run's settings lacks besides. */
const WITHOUT_RUN = [
  "settings, model, SAE, template and sampling",
  "what makes the arms differ",
  "labels of latents",
  "thresholds",
  "events",
];
/** Rows of one transaction. */
const AT_ONCE = 500;

/**
 * All or nothing. Throws CONFIG_INVALID for a row that is not as it was exported, for two rows of one key or unit, and for rows of several
 * judges; RUN_EXISTS.
 */
export async function importTable(options: ImportTableOptions): Promise<ImportedTable> {
  const { file, format, dir } = options;
  const sha256 = await hashOf(file);
  const run = format === "parquet" ? await readParquetRun({ file }) : null;
  const source = { sha256, run, judge: run?.judge ?? (await firstJudge(options)) };
  const { part, place, discard } = wholeFolder({ dir });
  try {
    const imported = await fill({ ...options, ...source, part });
    place();
    return imported;
  } catch (error) {
    discard();
    throw error;
  }
}

interface FillOptions extends ImportTableOptions {
  sha256: string;
  /** null where the file does not say. */
  run: TableRun | null;
  judge: string | null;
  part: string;
}

async function fill(options: FillOptions): Promise<ImportedTable> {
  const { file, format, sha256, run, judge, part, onProgress = () => {}, now = () => new Date() } = options;
  using store = createRun({ dir: part, manifest: run?.manifest ?? unknownManifest(options), now });
  if (run !== null) putRun(store, run);
  const arms = new Set<string>();
  let trials = 0;
  let judgements = 0;
  for await (const rows of batchesOf(READERS[format]({ file }))) {
    store.transaction(() => {
      for (const row of rows) {
        trials += 1;
        judgements += Number(row.judgement !== null);
        arms.add(row.trial.arm);
        putRow({ store, row, judge, place: { file, row: trials } });
      }
    });
    onProgress(trials);
  }
  // their order is all that a file without the run says of arms
  if (run === null) store.putArms([...arms].map((name) => ({ name, content: {} })));
  const name = path.basename(file);
  const absent =
    run === null ? [...NEVER, ...WITHOUT_RUN] : [...NEVER, ...(run.arm === null ? [] : ["other arms"])];
  const imported: ImportedTable = { file: name, format, sha256, trials, judgements, judge, absent };
  store.putEvent({ kind: IMPORTED_TABLE_EVENT, detail: { ...imported } });
  return imported;
}

function putRun(store: RunStore, { arms, latents, thresholds, events }: TableRun): void {
  store.transaction(() => {
    store.putArms(arms);
    store.putLatents(latents);
    for (const threshold of thresholds) store.putThreshold(threshold);
    for (const event of events) store.importEvent(event);
  });
}

function putRow({
  store,
  row: { trial, judgement },
  judge,
  place,
}: {
  store: RunStore;
  row: TableRow;
  judge: string | null;
  place: { file: string; row: number };
}): void {
  if (judgement !== null && judgement.judge !== judge) {
    throw badRow(place, {
      path: ["judge"],
      message: `it is ${judgement.judge}, and that of a row before it ${judge}: a file holds one judge's judgements`,
    });
  }
  try {
    if (!store.putTrial(trial))
      throw badRow(place, { path: ["key"], message: "a row before it is the same trial" });
    if (judgement !== null) store.putJudgement(judgement);
  } catch (cause) {
    if (isCode(cause, "STORE_CORRUPT")) {
      throw badRow(place, {
        path: ["key"],
        message: "a row before it has the same key, or the same unit in its arm",
      });
    }
    // an attempt that is not in the text
    if (isCode(cause, "REQUEST_INVALID")) throw badRow(place, { path: ["attempts"], message: cause.why });
    throw cause;
  }
}

async function* batchesOf(rows: AsyncIterable<TableRow>): AsyncGenerator<TableRow[]> {
  let batch: TableRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === AT_ONCE) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

async function firstJudge({
  file,
  format,
}: Pick<ImportTableOptions, "file" | "format">): Promise<string | null> {
  for await (const { judgement } of READERS[format]({ file })) {
    if (judgement !== null) return judgement.judge;
  }
  return null;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch (cause) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${file} can't be read.`,
      why: `${messageOf(cause)}.`,
      todo: "Give a file that `countersteer export` wrote.",
      facts: { file },
      cause,
    });
  }
  return hash.digest("hex");
}

/** Two imports of the same file have equal ones; what is unknown is equal to nothing else. */
function unknownManifest({
  file,
  format,
  sha256,
  judge,
  packageVersion,
  now = () => new Date(),
}: FillOptions): Manifest {
  const unknown = `unknown:${sha256.slice(0, 12)}`;
  const describe = { unknown };
  return {
    design: "imported",
    preset: null,
    config: { imported: true, file: path.basename(file), format, sha256, unknown: [...WITHOUT_RUN] },
    createdAt: now().toISOString(),
    packageVersion,
    gitCommit: null,
    nodeVersion: process.version,
    engine: { imported: true },
    model: {
      path: "unknown",
      fileHash: unknown,
      architecture: "unknown",
      weightType: "unknown",
      weightMode: "unknown",
      layers: null,
      dModel: null,
    },
    templateHash: unknown,
    sae: { path: "unknown", hash: unknown, layer: null, latents: null },
    prompts: { evaluation: unknown, heldOut: null },
    judge: { id: judge ?? "unknown", describe, hash: canonicalHash(describe) },
    sampling: { source: unknown },
    layer: null,
    target: null,
    seed: null,
  };
}

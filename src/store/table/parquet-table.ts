/** A Parquet file of trials: typed columns, lists where a trial has several of something, and the run's settings as metadata. Both ways hold one group of rows in memory. */
import { closeSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { fileWriter, ParquetWriter } from "hyparquet-writer";
import { CountersteerError, messageOf } from "../../errors.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { JudgedFilter, RunStore } from "../run-store.ts";
import { DIGEST_KEY, digestOf, hasDigest } from "./parquet-digest.ts";
import { PARQUET_COLUMNS, PARQUET_SCHEMA, readParquetRow } from "./parquet-schema.ts";
import { badRow, type TableRow } from "./table-row.ts";
import { type TableRun, tableRun, tableRunSchema } from "./table-run.ts";

/** Rows of a group: some 10 MB of trials, and a few times as much while they are encoded. */
const GROUP = 2000;
const METADATA_KEY = "countersteer";

export interface WriteParquetOptions extends JudgedFilter {
  store: RunStore;
  /** Nothing may be there. */
  out: string;
  onRow?: (rows: number) => void;
}

/** Returns the number of rows. Leaves no file where it fails; one that is killed leaves a part of it. Throws what the file system throws. */
export function writeParquet({ store, out, onRow = () => {}, ...filter }: WriteParquetOptions): number {
  // fails where a file is there, which the library would overwrite
  closeSync(openSync(out, "wx"));
  try {
    return writeRows({ store, file: out, onRow, ...filter });
  } catch (error) {
    rmSync(out, { force: true });
    throw error;
  }
}

function writeRows({
  store,
  file,
  onRow,
  ...filter
}: Omit<WriteParquetOptions, "out" | "onRow"> & { file: string; onRow: (rows: number) => void }): number {
  let rows = 0;
  const run = tableRun({
    store,
    judge: filter.judge ?? store.manifest().judge.id,
    arm: filter.arm ?? null,
  });
  const bytes = fileWriter(file);
  const settings = { key: METADATA_KEY, value: canonicalJson(run) };
  const writer = new ParquetWriter({
    writer: bytes,
    schema: PARQUET_SCHEMA,
    createdBy: `countersteer ${run.manifest.packageVersion}`,
  });
  for (const group of groupsOf(store.judged(filter))) {
    const columnData = PARQUET_COLUMNS.map(({ name, value }) => ({ name, data: group.map(value) }));
    writer.write({ columnData, rowGroupSize: GROUP });
    rows += group.length;
    onRow(rows);
  }
  // the columns are written; what is left stands behind them
  bytes.finish();
  const digest = digestOf({ file, bytes: statSync(file).size });
  writer.kvMetadata = [settings, { key: DIGEST_KEY, value: digest }];
  writer.finish();
  return rows;
}

function* groupsOf(rows: Iterable<TableRow>): Generator<TableRow[]> {
  let group: TableRow[] = [];
  for (const row of rows) {
    group.push(row);
    if (group.length === GROUP) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/** What the file says of its run, after a look at whether its columns are whole. Throws CONFIG_INVALID for a file that `writeParquet` did not write. */
export async function readParquetRun({ file }: { file: string }): Promise<TableRun> {
  using opened = openBuffer(file);
  const metadata = await readMetadata(file, opened.buffer);
  const names = metadata.schema.map(({ name }) => name).join();
  const expected = PARQUET_SCHEMA.map(({ name }) => name).join();
  const textOf = (name: string) => metadata.key_value_metadata?.find(({ key }) => key === name)?.value;
  const stored = textOf(METADATA_KEY);
  const parsed = tableRunSchema.safeParse(stored === undefined ? undefined : parsedJson(stored));
  if (names !== expected || !parsed.success) {
    throw notOurs(
      file,
      names === expected ? "It does not say which run its trials are of." : "Its columns are others.",
    );
  }
  if (!hasDigest({ file, digest: textOf(DIGEST_KEY) })) {
    throw notOurs(file, "Its columns are not those that were written: it was damaged or changed.");
  }
  return parsed.data;
}

/** For a file that `readParquetRun` has read. Throws CONFIG_INVALID for a row that was changed. */
export async function* readParquet({ file }: { file: string }): AsyncGenerator<TableRow> {
  using opened = openBuffer(file);
  const metadata = await readMetadata(file, opened.buffer);
  let from = 0;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    // a number that no writer of ours puts there would be believed, and take the memory of so many rows
    if (!(count >= 0 && count <= GROUP))
      throw notOurs(file, `It has a group of ${count} rows; ${GROUP} are the most.`);
    const rowEnd = from + count;
    const rows = await readGroup({ file, buffer: opened.buffer, metadata, rowStart: from, rowEnd });
    for (const [i, cells] of rows.entries()) yield checkedRow(cells, { file, row: from + i + 1 });
    from = rowEnd;
  }
}

async function readGroup({
  file,
  buffer,
  ...range
}: {
  file: string;
  buffer: AsyncBuffer;
  metadata: FileMetaData;
  rowStart: number;
  rowEnd: number;
}): Promise<Record<string, unknown>[]> {
  try {
    return await parquetReadObjects({ file: buffer, ...range });
  } catch (cause) {
    throw notOurs(file, `Its rows from ${range.rowStart + 1} on are damaged: ${messageOf(cause)}.`);
  }
}

/** What a column of a record says is in the record once more: both must agree. */
function checkedRow(cells: Record<string, unknown>, place: { file: string; row: number }): TableRow {
  const row = readParquetRow(cells, place);
  for (const { name, value } of PARQUET_COLUMNS) {
    const [stored, own] = [cells[name] ?? null, value(row) ?? null];
    // lists and JSON are what the record was read from
    if (typeof own === "object" || Object.is(stored, own)) continue;
    throw badRow(place, { path: [name], message: `it says ${String(stored)}, and the trial ${String(own)}` });
  }
  return row;
}

async function readMetadata(file: string, buffer: AsyncBuffer) {
  try {
    return await parquetMetadataAsync(buffer);
  } catch (cause) {
    throw notOurs(file, `It can't be read as Parquet: ${messageOf(cause)}.`);
  }
}

/** Slices are read where they are asked for; nothing is kept. */
function openBuffer(file: string): Disposable & { buffer: AsyncBuffer } {
  const handle = openSync(file, "r");
  const { size } = statSync(file);
  const slice = (start: number, end = size): ArrayBuffer => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(handle, bytes, at, bytes.length - at, start + at);
      if (read === 0) throw new RangeError("the file ends early");
      at += read;
    }
    return bytes.buffer;
  };
  return { buffer: { byteLength: size, slice }, [Symbol.dispose]: () => closeSync(handle) };
}

/** Undefined, which no schema takes, for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notOurs(file: string, why: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} is no Parquet file that countersteer exported.`,
    why,
    todo: "Import a file as `countersteer export --format parquet` wrote it.",
    facts: { file },
  });
}

/** A CSV file of trials (RFC 4180), a row at a time. */
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";
import { CountersteerError, messageOf } from "../../errors.ts";
import { CSV_HEADER, csvFields, readCsvFields } from "./csv-columns.ts";
import { badRow, type TableRow } from "./table-row.ts";

/** A header line, then one row a trial. */
export function* csvLines(rows: Iterable<TableRow>): Generator<string> {
  yield lineOf(CSV_HEADER);
  for (const row of rows) yield lineOf(csvFields(row));
}

function lineOf(fields: readonly string[]): string {
  return `${fields.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",")}\r\n`;
}

/**
 * Each row is read to a record and written again: what another program has changed on the way (numbers, quotes within JSON, a missing column) would
 * be another run, and is refused with CONFIG_INVALID.
 */
export async function* readCsv({ file }: { file: string }): AsyncGenerator<TableRow> {
  const records = createReadStream(file).pipe(parse({ bom: true, relax_column_count: true }));
  let row = -1;
  try {
    for await (const record of records) {
      row += 1;
      // without `columns` a record is a list of texts
      const fields = record as string[];
      if (row === 0) assertHeader({ file, fields });
      else yield checkedRow({ file, fields, row });
    }
  } catch (cause) {
    if (cause instanceof CountersteerError) throw cause;
    throw badRow({ file, row: Math.max(1, row + 1) }, { path: [], message: messageOf(cause) });
  }
  if (row < 0) assertHeader({ file, fields: [] });
}

function checkedRow({ file, fields, row }: { file: string; fields: string[]; row: number }): TableRow {
  const read = readCsvFields(fields, { file, row });
  const written = csvFields(read);
  const at = CSV_HEADER.findIndex((_, i) => fields[i] !== written[i]);
  if (at >= 0 || fields.length !== written.length) {
    const message = `it would become ${JSON.stringify(written[at] ?? null)}`;
    throw badRow({ file, row }, { path: [CSV_HEADER[at] ?? "the number of fields"], message });
  }
  return read;
}

function assertHeader({ file, fields }: { file: string; fields: readonly string[] }): void {
  const missing = CSV_HEADER.filter((name) => !fields.includes(name));
  const unknown = fields.filter((name) => !CSV_HEADER.includes(name));
  const isSame = fields.length === CSV_HEADER.length && fields.every((name, i) => name === CSV_HEADER[i]);
  if (isSame) return;
  const why =
    missing.length > 0
      ? `It lacks the columns ${missing.join(", ")}, without which trials can't be what they were.`
      : unknown.length > 0
        ? `It has the columns ${unknown.join(", ")}, which no run can hold.`
        : "Its columns are in another order.";
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${file} is no CSV file that countersteer exported.`,
    why,
    todo: "Import the file as it was exported, or export as JSONL or Parquet.",
    facts: { file, missing, unknown },
  });
}

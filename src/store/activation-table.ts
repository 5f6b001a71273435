/** Per-token activations of a trial as float16 blobs. */
/// <reference lib="es2025.float16" />
import { z } from "zod";
import { blobBytes, digestOf, fromJson, toJson } from "./columns.ts";
import type { Database } from "./database.ts";
import type { ActivationsRecord } from "./records.ts";

const TABLE = "activations";
const MAX_HALF = 65504;

const rowSchema = z
  .object({
    trialKey: z.string(),
    name: z.string(),
    rows: z.int().min(0),
    columns: z.array(z.int().min(0)),
    values: z.custom<Float32Array>((value) => value instanceof Float32Array),
  })
  .refine(({ rows, columns, values }) => values.length === rows * columns.length, "rows x columns values");

const listedSchema = z.object({ name: z.string(), columns: z.array(z.int().min(0)) });

/** Values are finite. Larger ones than float16 holds are stored scaled down by a power of two, which loses nothing more. */
export function putActivations(db: Database, input: ActivationsRecord): boolean {
  const { trialKey, name, rows, columns, values } = rowSchema.parse(input);
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (!Number.isFinite(largest)) {
    throw new RangeError(`the activations "${name}" of trial ${trialKey} are not finite`);
  }
  const scale = largest > MAX_HALF ? 2 ** Math.ceil(Math.log2(largest / MAX_HALF)) : 1;
  const half = Float16Array.from(values, (value) => value / scale);
  return db.putOnce({
    table: TABLE,
    key: { trial_key: trialKey, name },
    values: { row_count: rows, columns: toJson(columns), scale, half: new Uint8Array(half.buffer) },
    digest: digestOf({ rows, columns, values }),
  });
}

export function getActivations(
  db: Database,
  { trialKey, name }: { trialKey: string; name: string },
): ActivationsRecord | null {
  const row = db.get(`SELECT * FROM ${TABLE} WHERE trial_key = ? AND name = ?`, [trialKey, name]);
  if (row === undefined) {
    return null;
  }
  return db.decode({
    schema: rowSchema,
    table: TABLE,
    read: () => ({
      trialKey,
      name,
      rows: row.row_count,
      columns: fromJson(row, "columns"),
      values: Float32Array.from(
        new Float16Array(blobBytes(row, "half")),
        (value) => value * Number(row.scale),
      ),
    }),
  });
}

/** What was recorded of a trial, without the values; `columns` are latents. */
export function listActivations(
  db: Database,
  trialKey: string,
): Pick<ActivationsRecord, "name" | "columns">[] {
  const rows = db.all(`SELECT name, columns FROM ${TABLE} WHERE trial_key = ? ORDER BY name`, [trialKey]);
  return rows.map((row) =>
    db.decode({
      schema: listedSchema,
      table: TABLE,
      read: () => ({ name: row.name, columns: fromJson(row, "columns") }),
    }),
  );
}

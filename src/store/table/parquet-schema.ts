/** The columns of a Parquet file of trials. Nested ones are lists, as pandas, DuckDB and polars read them. */
import type { SchemaElement } from "hyparquet";
import { type RowPlace, readRow, scoresOf, type TableRow } from "./table-row.ts";

type Kind = "text" | "json" | "int32" | "int64" | "double" | "boolean";

const KINDS: Record<Kind, Omit<SchemaElement, "name">> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  json: { type: "BYTE_ARRAY", converted_type: "JSON" },
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
};

interface ParquetColumn {
  name: string;
  schema: SchemaElement[];
  value: (row: TableRow) => unknown;
}

function leaf(name: string, kind: Kind, repetition: "REQUIRED" | "OPTIONAL" = "OPTIONAL"): SchemaElement {
  return { ...KINDS[kind], name, repetition_type: repetition };
}

function column(name: string, kind: Kind, value: (row: TableRow) => unknown): ParquetColumn {
  return { name, schema: [leaf(name, kind)], value };
}

/** A list of numbers, or of structs of the given fields. */
function list(name: string, items: SchemaElement[], value: (row: TableRow) => unknown): ParquetColumn {
  const [only] = items;
  const element =
    items.length === 1 && only !== undefined
      ? [{ ...only, name: "element" }]
      : [{ name: "element", repetition_type: "REQUIRED" as const, num_children: items.length }, ...items];
  return {
    name,
    schema: [
      { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...element,
    ],
    value,
  };
}

export const PARQUET_COLUMNS: readonly ParquetColumn[] = [
  column("key", "text", ({ trial }) => trial.key),
  column("arm", "text", ({ trial }) => trial.arm),
  column("unit", "text", ({ trial }) => trial.unit),
  column("latent", "int32", ({ trial }) => trial.latent),
  column("strength", "double", ({ trial }) => trial.strength),
  column("prompt_index", "int32", ({ trial }) => trial.promptIndex),
  column("prompt", "text", ({ trial }) => trial.prompt),
  column("seed", "int64", ({ trial }) => BigInt(trial.seed)),
  column("text", "text", ({ trial }) => trial.text),
  list("tokens", [leaf("", "int32", "REQUIRED")], ({ trial }) => [...trial.tokens]),
  list("offsets", [leaf("", "int32", "REQUIRED")], ({ trial }) => [...trial.offsets]),
  column("finish", "text", ({ trial }) => trial.finish),
  column("prompt_tokens", "int32", ({ trial }) => trial.promptTokens),
  column("degraded", "boolean", ({ trial }) => trial.degraded),
  column("error", "json", ({ trial }) => trial.error),
  column("receipt", "json", ({ trial }) => trial.receipt),
  column("created_at", "text", ({ trial }) => trial.createdAt),
  column("judge", "text", ({ judgement }) => judgement?.judge),
  column("repeat", "int32", ({ judgement }) => judgement?.repeat),
  column("status", "text", ({ judgement }) => judgement?.status),
  list(
    "attempts",
    [
      leaf("start", "int32", "REQUIRED"),
      leaf("end", "int32", "REQUIRED"),
      leaf("restart_phrase", "text"),
      leaf("score", "double"),
      leaf("components", "json"),
    ],
    ({ judgement }) =>
      judgement?.attempts.map(({ start, end, restartPhrase, score, components }) => ({
        start,
        end,
        restart_phrase: restartPhrase,
        score,
        components,
      })),
  ),
  list("curve", [leaf("", "double", "REQUIRED")], (row) => curveOf(row)),
  column("detail", "json", (row) => detailOf(row)),
  column("judged_at", "text", ({ judgement }) => judgement?.createdAt),
  // of the columns before, for those who don't want to unpack them
  column("rows_edited", "int32", ({ trial }) => trial.receipt?.rowsEdited),
  column("mean_dose", "double", ({ trial }) => trial.receipt?.meanDose),
  column("scored_attempts", "int32", (row) => (row.judgement === null ? null : scoresOf(row).length)),
  column("first_score", "double", (row) => scoresOf(row)[0]),
  column("last_score", "double", (row) => scoresOf(row).at(-1)),
];

export const PARQUET_SCHEMA: SchemaElement[] = [
  { name: "root", num_children: PARQUET_COLUMNS.length },
  ...PARQUET_COLUMNS.flatMap(({ schema }) => schema),
];

/** The judge's number for each token, where it has one. */
function curveOf({ judgement }: TableRow): number[] | null {
  const curve = judgement?.detail.curve;
  return Array.isArray(curve) && curve.every((value): value is number => typeof value === "number")
    ? curve
    : null;
}

function detailOf(row: TableRow): unknown {
  if (row.judgement === null) return null;
  const { curve, ...rest } = row.judgement.detail;
  return curveOf(row) === null ? row.judgement.detail : rest;
}

/** A row as hyparquet reads it. Throws CONFIG_INVALID for what `PARQUET_COLUMNS` does not write. */
export function readParquetRow(cells: Record<string, unknown>, place: RowPlace): TableRow {
  const integers = (value: unknown) => (Array.isArray(value) ? Int32Array.from(value, Number) : value);
  const trial = {
    key: cells.key,
    arm: cells.arm,
    unit: cells.unit,
    latent: cells.latent ?? null,
    strength: cells.strength,
    promptIndex: cells.prompt_index,
    prompt: cells.prompt,
    seed: Number(cells.seed),
    text: cells.text,
    tokens: integers(cells.tokens),
    offsets: integers(cells.offsets),
    finish: cells.finish ?? null,
    promptTokens: cells.prompt_tokens,
    receipt: cells.receipt ?? null,
    degraded: cells.degraded,
    error: cells.error ?? null,
    createdAt: cells.created_at,
  };
  const judgement = {
    trialKey: cells.key,
    judge: cells.judge,
    repeat: cells.repeat,
    status: cells.status,
    attempts: Array.isArray(cells.attempts) ? cells.attempts.map(attemptOf) : cells.attempts,
    detail: detailWith(cells),
    createdAt: cells.judged_at,
  };
  return readRow({ trial, judgement: (cells.judge ?? null) === null ? null : judgement, place });
}

function attemptOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("restart_phrase" in value)) return value;
  const { restart_phrase: restartPhrase, ...rest } = value;
  return { ...rest, restartPhrase };
}

/** Names in code-unit order, as they came out of the store. */
function detailWith({ detail, curve }: Record<string, unknown>): unknown {
  if (!Array.isArray(curve) || typeof detail !== "object" || detail === null) return detail;
  const fields = [...Object.entries(detail), ["curve", curve] as const];
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

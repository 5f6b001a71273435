/** The data behind every published number: one JSON file a cell, with each repetition as it was measured. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const RESULTS_FOLDER = fileURLToPath(new URL("./results/", import.meta.url));

const runSchema = z.strictObject({
  /** Runs are compared only within their group: they were interleaved with each other. */
  group: z.string().min(1),
  rows: z.number().int().positive(),
  variant: z.string().min(1),
  /** 0-based; equal repetitions of a group and row count ran directly after each other. */
  repetition: z.number().int().nonnegative(),
  tokens: z.number().int().positive(),
  seconds: z.number().positive(),
  /** Rows of the residual stream that the edit was applied to, as the variant itself counted them; 0 if unsteered. */
  rowsEdited: z.number().int().nonnegative(),
  /** Fraction of variance unexplained on held-out rows at the end of a run that trained an SAE. */
  fvu: z.number().nonnegative().exactOptional(),
  /** Of a run that drove servers. */
  client: z
    .strictObject({
      replicas: z.number().int().positive(),
      /** Requests under way at each. */
      inFlight: z.number().int().positive(),
      /** Mean time that a server takes for an answer. */
      meanSeconds: z.number().positive(),
      requestsPerSecond: z.number().nonnegative(),
      /** Mean share of the servers' slots that had a request. */
      busy: z.number().nonnegative(),
      /** Cores that the client used, and that all servers used. */
      cpu: z.number().nonnegative(),
      serverCpu: z.number().nonnegative(),
      rssMiB: z.number().positive(),
      /** Requests that had to be given out again. */
      retries: z.number().int().nonnegative(),
    })
    .exactOptional(),
  /** Mean loss of the last steps of a run that trained an adapter, in nats a token. */
  loss: z.number().nonnegative().exactOptional(),
});

export const machineSchema = z.strictObject({
  cpu: z.string().min(1),
  cores: z.number().int().positive(),
  memoryGiB: z.number().positive(),
  platform: z.string().min(1),
  node: z.string().min(1),
});

const loadSchema = z.tuple([z.number(), z.number(), z.number()]);

export const resultSchema = z.strictObject({
  cell: z.string().min(1),
  date: z.iso.datetime(),
  machine: machineSchema,
  /** Load average over 1, 5 and 15 minutes, before and after. */
  loadBefore: loadSchema,
  loadAfter: loadSchema,
  libraries: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  runs: z.array(runSchema).min(1),
});

export type BenchRun = z.infer<typeof runSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type LoadAverage = z.infer<typeof loadSchema>;
export type BenchResult = z.infer<typeof resultSchema>;

export interface ResultOptions {
  cell: string;
  /** @default bench/results */
  folder?: string;
}

/** The stored result of a cell as it stands in its file, null if there is none. */
export function readStored({ cell, folder = RESULTS_FOLDER }: ResultOptions): unknown {
  const file = path.join(folder, `${cell}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** Replaces the stored result of a cell and gives the file's path. */
export async function writeResult({
  result,
  folder = RESULTS_FOLDER,
}: {
  result: BenchResult;
  folder?: string;
}): Promise<string> {
  const file = path.join(folder, `${result.cell}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.tmp`, `${JSON.stringify(resultSchema.parse(result), null, 2)}\n`);
  await rename(`${file}.tmp`, file);
  return file;
}

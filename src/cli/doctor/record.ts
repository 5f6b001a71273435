/** What `doctor` found out about a CPU, kept in the cache folder for later runs: `doctor.json`, an object keyed by the CPU's name. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { FastType } from "../../engine/llama/weights.ts";
import { temporaryBeside } from "../../model/temporary-file.ts";

const entrySchema = z.object({
  fastType: z.enum(["q4_0", "q8_0", "bf16"]),
  /** Tokens a second with the rows named in the key, by weight type. */
  tokensPerSecond: z.record(z.string(), z.record(z.string(), z.number())),
  measuredAt: z.string(),
});
const fileSchema = z.record(z.string(), entrySchema);
export type DoctorEntry = z.infer<typeof entrySchema>;

/** The fastest weight type of this CPU; null where `doctor` never ran, or its file can't be read. */
export async function readFastType({
  cacheDir,
  cpu,
}: {
  cacheDir: string;
  cpu: string;
}): Promise<FastType | null> {
  return (await readAll(cacheDir))[cpu]?.fastType ?? null;
}

/** Keeps the entry beside those of other CPUs (a cache folder may be shared by machines). */
export async function writeDoctorEntry({
  cacheDir,
  cpu,
  entry,
}: {
  cacheDir: string;
  cpu: string;
  entry: DoctorEntry;
}): Promise<void> {
  const all = { ...(await readAll(cacheDir)), [cpu]: entry };
  const target = fileOf(cacheDir);
  const partial = temporaryBeside(target);
  await mkdir(cacheDir, { recursive: true });
  try {
    await writeFile(partial, `${JSON.stringify(all, null, 2)}\n`);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

async function readAll(cacheDir: string): Promise<Record<string, DoctorEntry>> {
  try {
    const json: unknown = JSON.parse(await readFile(fileOf(cacheDir), "utf8"));
    return fileSchema.parse(json);
  } catch {
    // measurements can be made again, so a missing or damaged file is no reason to stop
    return {};
  }
}

function fileOf(cacheDir: string): string {
  return path.join(cacheDir, "doctor.json");
}

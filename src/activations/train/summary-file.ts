/** The file that ends a training: where it is, the training is finished. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";

function fileOf(dir: string): string {
  return join(dir, "training.json");
}

export async function writeSummaryFile({ dir, summary }: { dir: string; summary: unknown }): Promise<void> {
  await writeFile(`${fileOf(dir)}.part`, `${JSON.stringify(summary, null, 2)}\n`);
  await rename(`${fileOf(dir)}.part`, fileOf(dir));
}

export interface ReadSummaryFileOptions<T> {
  dir: string;
  schema: z.ZodType<T>;
  /** What to do about a damaged file. */
  todo: string;
}

/** null where the training is not finished. Throws STORE_CORRUPT. */
export async function readSummaryFile<T>({
  dir,
  schema,
  todo,
}: ReadSummaryFileOptions<T>): Promise<T | null> {
  const file = fileOf(dir);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return schema.parse(value);
  } catch (cause) {
    throw new CountersteerError("STORE_CORRUPT", {
      what: `${file} is not as it was written.`,
      why: `${messageOf(cause)}.`,
      todo,
      facts: { file },
      cause,
    });
  }
}

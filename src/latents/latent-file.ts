/** JSON files that `countersteer latents` writes and that runs read: detectors, controls, backtracking latents. */
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";

/** Throws the system's error. */
export async function writeLatentFile({ path, file }: { path: string; file: unknown }): Promise<void> {
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`);
}

export interface ReadLatentFileOptions<T> {
  path: string;
  schema: z.ZodType<T>;
  /** What the file should hold, as in "is no file of controls". */
  holds: string;
  /** What to give instead. */
  todo: string;
  /** From another program's form to ours, before it is checked. Throws CountersteerError. */
  convert?: (json: unknown) => unknown;
}

/** Throws CONFIG_INVALID for a file that can't be read or holds something else. */
export async function readLatentFile<T>({
  path,
  schema,
  holds,
  todo,
  convert = (json) => json,
}: ReadLatentFileOptions<T>): Promise<T> {
  const invalid = (why: string, cause: unknown) => invalidLatentFile({ path, holds, why, todo, cause });
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw invalid(messageOf(cause), cause);
  }
  const parsed = schema.safeParse(convert(json));
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error).replaceAll("\n", " "), parsed.error);
}

/** @param why without a full stop */
export function invalidLatentFile({
  path,
  holds,
  why,
  todo,
  cause,
}: {
  path: string;
  holds: string;
  why: string;
  todo: string;
  cause?: unknown;
}): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${path} is no file of ${holds}.`,
    why: `${why}.`,
    todo,
    facts: { path },
    cause,
  });
}

/**
 * Results that are kept as they come, so that a run that was cut off makes none of them again: a JSON-lines file that only grows. Its name
 * holds a hash of what determines the results, so that other settings have another file and find these again later.
 */
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { textLines } from "../../activations/text-lines.ts";
import { CountersteerError, messageOf } from "../../errors.ts";
import { sha256Of } from "../../judge/contrast-set.ts";

export interface Shelf<T> extends AsyncDisposable {
  /** By key. */
  readonly kept: ReadonlyMap<string, T>;
  /** Throws DISK_FULL. */
  put(key: string, value: T): Promise<void>;
}

export interface OpenShelfOptions<T> {
  folder: string;
  /** What is kept, for the file's name. */
  name: string;
  value: z.ZodType<T>;
  /** What determines the values besides their keys. */
  settings: unknown;
}

/** A last line that was being written is cut off. */
export async function openShelf<T>({
  folder,
  name,
  value,
  settings,
}: OpenShelfOptions<T>): Promise<Shelf<T>> {
  const lineSchema = z.strictObject({ key: z.string(), value });
  const file = join(folder, `${name}.${sha256Of(JSON.stringify(settings)).slice(0, 12)}.jsonl`);
  const kept = new Map<string, T>();
  await mkdir(folder, { recursive: true });
  let bytes = 0;
  if (existsSync(file)) {
    const { size } = await stat(file);
    for await (const text of textLines({ file, strict: false })) {
      const line = lineSchema.safeParse(parse(text));
      const end = bytes + Buffer.byteLength(text) + 1;
      if (!line.success || end > size) break;
      kept.set(line.data.key, line.data.value);
      bytes = end;
    }
    await truncate(file, bytes);
  }
  const handle = await open(file, "a");
  return {
    kept,
    put: async (key, given) => {
      await append({ handle, file, line: { key, value: given } });
      kept.set(key, given);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function append({ handle, file, line }: { handle: FileHandle; file: string; line: unknown }) {
  try {
    await handle.appendFile(`${JSON.stringify(line)}\n`);
  } catch (cause) {
    throw new CountersteerError("DISK_FULL", {
      what: `${file} could not be written.`,
      why: `${messageOf(cause)}.`,
      todo: "Free some space and run again: what was made so far is kept.",
      facts: { file },
      cause,
    });
  }
}

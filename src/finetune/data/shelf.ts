/** Results that are kept as they come, so that a run that was cut off makes none of them again: a JSON-lines file that only grows. */
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { textLines } from "../../activations/text-lines.ts";
import { CountersteerError, messageOf } from "../../errors.ts";

export interface Shelf<T> extends AsyncDisposable {
  /** By key. */
  readonly kept: ReadonlyMap<string, T>;
  /** Throws DISK_FULL. */
  put(key: string, value: T): Promise<void>;
}

export interface OpenShelfOptions<T> {
  file: string;
  value: z.ZodType<T>;
  /** What determines the values besides their keys. */
  settings: string;
}

const headerSchema = z.strictObject({ settings: z.string() });

/** A last line without its end is cut off, for it was being written. Throws CONFIG_INVALID if the file is of other settings. */
export async function openShelf<T>({ file, value, settings }: OpenShelfOptions<T>): Promise<Shelf<T>> {
  const lineSchema = z.strictObject({ key: z.string(), value });
  const kept = new Map<string, T>();
  await mkdir(dirname(file), { recursive: true });
  let bytes = 0;
  if (existsSync(file)) {
    for await (const text of textLines({ file, strict: false })) {
      const json = parse(text);
      if (bytes === 0) {
        const header = headerSchema.safeParse(json);
        if (header.success && header.data.settings !== settings) throw otherSettings(file);
        if (!header.success) break;
      } else {
        const line = lineSchema.safeParse(json);
        if (!line.success) break;
        kept.set(line.data.key, line.data.value);
      }
      bytes += Buffer.byteLength(text) + 1;
    }
    await truncate(file, bytes);
  }
  const handle = await open(file, "a");
  if (bytes === 0) await append({ handle, file, line: { settings } });
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

function otherSettings(file: string): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${file} holds what other settings made.`,
    why: "It was begun with another model, SAE, seed, sampling or prompt set, and the two must not be mixed.",
    todo: "Give another --out, remove the folder, or give the settings with which it was begun.",
    facts: { file },
  });
}

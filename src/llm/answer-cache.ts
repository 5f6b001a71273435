/** Answers of earlier calls, one small file each: several processes may use the folder at once, and a damaged file is only asked for again. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { writeWholeFile } from "../model/whole-file.ts";

const answerSchema = z.object({
  text: z.string(),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }),
  model: z.string().nullable(),
});
export type CachedAnswer = z.infer<typeof answerSchema>;

export interface AnswerCache {
  get(key: string): Promise<CachedAnswer | null>;
  /** Never throws: a full disk must not cost a judgement. */
  put(key: string, answer: CachedAnswer): Promise<void>;
}

/** The key of a request: everything that could change its answer, in a fixed order. */
export function cacheKey(parts: readonly (string | number | null)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** `folder` null keeps nothing. */
export function openAnswerCache({ folder }: { folder: string | null }): AnswerCache {
  if (folder === null) {
    return { get: async () => null, put: async () => {} };
  }
  // equal questions may be under way at once: one file is written for all of them
  const writing = new Set<string>();
  const fileOf = (key: string) => path.join(folder, key.slice(0, 2), `${key}.json`);
  const get = async (key: string) => {
    try {
      const value: unknown = JSON.parse(await readFile(fileOf(key), "utf8"));
      return answerSchema.parse(value);
    } catch {
      return null;
    }
  };
  return {
    get,
    put: async (key, answer) => {
      const file = fileOf(key);
      if (writing.has(key)) return;
      writing.add(key);
      try {
        if (isDeepStrictEqual(await get(key), answer)) return;
        await mkdir(path.dirname(file), { recursive: true });
        await writeWholeFile({ path: file, write: (handle) => handle.writeFile(JSON.stringify(answer)) });
      } catch {
        // the next call asks again
      } finally {
        writing.delete(key);
      }
    },
  };
}

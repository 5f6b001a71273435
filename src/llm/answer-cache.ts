/** Answers of earlier calls, one small file each: several processes may use the folder at once, and a damaged file is only asked for again. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

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
  const fileOf = (key: string) => path.join(folder, key.slice(0, 2), `${key}.json`);
  return {
    get: async (key) => {
      try {
        const value: unknown = JSON.parse(await readFile(fileOf(key), "utf8"));
        return answerSchema.parse(value);
      } catch {
        return null;
      }
    },
    put: async (key, answer) => {
      const file = fileOf(key);
      try {
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(`${file}.${process.pid}.tmp`, JSON.stringify(answer));
        await rename(`${file}.${process.pid}.tmp`, file);
      } catch {
        // the next call asks again
      }
    },
  };
}

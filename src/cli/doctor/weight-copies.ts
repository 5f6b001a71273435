/** Requantised copies in the cache: those that a measurement made and nobody needs are removed again. */
import { readdir, rm } from "node:fs/promises";
import path from "node:path";

export async function listCopies({ cacheDir }: { cacheDir: string }): Promise<Set<string>> {
  return new Set(await readdir(path.join(cacheDir, "weights")).catch(() => []));
}

/** Removes copies that are not in `before`, but for those of the type that is kept. */
export async function removeNewCopies({
  cacheDir,
  before,
  keep,
}: {
  cacheDir: string;
  before: ReadonlySet<string>;
  keep: string;
}): Promise<void> {
  for (const file of await listCopies({ cacheDir })) {
    if (!before.has(file) && file.endsWith(".gguf") && !file.endsWith(`.${keep}.gguf`)) {
      await rm(path.join(cacheDir, "weights", file), { force: true });
    }
  }
}

/** Where a known model's weights lie in the cache. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { KnownModel } from "./registry.ts";

export interface CachedFile {
  path: string;
  /** What the file must hash to; null if the registry doesn't say. */
  sha256: string | null;
  size: number | null;
}

/** The files that the model's sources would leave in the cache, the hub's first. */
export function cachedFiles({ model, cacheDir }: { model: KnownModel; cacheDir: string }): {
  hub: CachedFile;
  pypi: CachedFile | null;
} {
  const folder = join(cacheDir, "models", model.name);
  const file = (name: string, sha256: string | null, size: number | null) => ({
    path: join(folder, basename(name)),
    sha256,
    size,
  });
  const { hub, pypi } = model;
  return {
    hub: file(hub.file, hub.sha256, hub.size),
    pypi: pypi === null ? null : file(pypi.member, pypi.sha256, pypi.size),
  };
}

/** The first of the model's files that is there with its right size, or null. Its content was verified when it was put there. */
export async function findCached({
  model,
  cacheDir,
}: {
  model: KnownModel;
  cacheDir: string;
}): Promise<CachedFile | null> {
  const { hub, pypi } = cachedFiles({ model, cacheDir });
  for (const file of [hub, pypi]) {
    if (file === null) continue;
    const size = await stat(file.path).then(
      (stats) => (stats.isFile() ? stats.size : null),
      () => null,
    );
    if (size !== null && (file.size === null || file.size === size)) return file;
  }
  return null;
}

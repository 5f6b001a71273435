/** SHA-256 of files that don't change, remembered between runs: hashing a 40 GB file takes minutes, a manifest needs it every time. */
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { sha256File } from "./sha256-file.ts";
import { temporaryBeside } from "./temporary-file.ts";

const Memory = z.object({
  version: z.literal(1),
  /** Key: JSON of (real path, size, mtime in ns). */
  hashes: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});
type Memory = z.infer<typeof Memory>;

function memoryPath(cacheDir: string): string {
  return join(cacheDir, "file-hashes.json");
}

/** Anything unreadable is an empty memory: the hashes can be computed again. */
async function readMemory(cacheDir: string): Promise<Memory> {
  try {
    return Memory.parse(JSON.parse(await readFile(memoryPath(cacheDir), "utf8")));
  } catch {
    return { version: 1, hashes: {} };
  }
}

async function keyOf(path: string): Promise<string> {
  const real = await realpath(path);
  const { size, mtimeNs } = await stat(real, { bigint: true });
  return JSON.stringify([real, String(size), String(mtimeNs)]);
}

async function remember({ cacheDir, key, sha256 }: { cacheDir: string; key: string; sha256: string }) {
  const path = memoryPath(cacheDir);
  const temporary = temporaryBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const { hashes } = await readMemory(cacheDir);
    await writeFile(temporary, JSON.stringify({ version: 1, hashes: { ...hashes, [key]: sha256 } }, null, 1));
    await rename(temporary, path);
  } catch {
    // A cache directory that can't be written costs time at the next run, not the answer of this one.
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Stores a hash that was computed elsewhere, for example while the file was downloaded. */
export async function rememberFileHash({
  path,
  cacheDir,
  sha256,
}: {
  path: string;
  cacheDir: string;
  sha256: string;
}): Promise<void> {
  await remember({ cacheDir, key: await keyOf(path), sha256 });
}

export interface HashFileOptions {
  path: string;
  cacheDir: string;
  signal?: AbortSignal | undefined;
  /** Called with the bytes hashed so far; not at all when the hash was remembered. */
  onBytes?: ((done: number) => void) | undefined;
}

/**
 * Lower-case hex SHA-256 of a file, from the memory in `cacheDir` if its real path, size and modification time are unchanged.
 * Rejects with the system's error if the file can't be read.
 */
export async function hashFile({ path, cacheDir, signal, onBytes }: HashFileOptions): Promise<string> {
  const key = await keyOf(path);
  const known = (await readMemory(cacheDir)).hashes[key];
  if (known !== undefined) return known;
  const sha256 = await sha256File({ path, signal, onBytes });
  // A file that was written to while it was read has no hash worth keeping.
  if ((await keyOf(path)) === key) await remember({ cacheDir, key, sha256 });
  return sha256;
}

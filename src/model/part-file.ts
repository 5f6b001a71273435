/** Gives each process its own partial file, so that two that pull the same model (a job array) don't write into one. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { systemCode, writeError } from "./disk-error.ts";

export interface PartFile extends AsyncDisposable {
  path: string;
  /** True for `<target>.part`, which a later run continues; false for a private file that goes when this is disposed of. */
  resumable: boolean;
}

/** True if the process that wrote the lock may still run. One on another machine can't be asked, so it counts as running. */
function mayBeAlive(owner: string): boolean {
  const [host, pid] = owner.split(" ");
  if (host === undefined || pid === undefined || !/^\d+$/.test(pid)) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

async function tryLock(lockPath: string): Promise<boolean> {
  try {
    await writeFile(lockPath, `${hostname()} ${process.pid}`, { flag: "wx" });
    return true;
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") return false;
    throw writeError({ path: lockPath, cause });
  }
}

/**
 * Claims `<target>.part` (the directory is made). If another process holds it, the claim is a private file instead: both finish with the
 * same bytes, and the last rename wins. Throws DISK_FULL or DOWNLOAD_FAILED.
 */
export async function claimPartFile(target: string): Promise<PartFile> {
  const lockPath = `${target}.part.lock`;
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (cause) {
    throw writeError({ path: dirname(target), cause });
  }
  let locked = await tryLock(lockPath);
  if (!locked && !mayBeAlive(await readFile(lockPath, "utf8").catch(() => ""))) {
    await rm(lockPath, { force: true });
    locked = await tryLock(lockPath);
  }
  const path = locked ? `${target}.part` : `${target}.${randomUUID()}.part`;
  return {
    path,
    resumable: locked,
    [Symbol.asyncDispose]: () => rm(locked ? lockPath : path, { force: true }),
  };
}

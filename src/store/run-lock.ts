/**
 * One writer a run. The lock is SQLite's own lock on a file of its own, held open: the operating system drops it when the process ends in
 * whatever way, so there is no stale lock to judge by a pid that another process may have by now. The pid is beside it for the message only.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { sqliteCode } from "./sqlite-error.ts";

export interface RunLock {
  release: () => void;
}

const SQLITE_BUSY = 5;
const ownerSchema = z.object({ pid: z.number(), since: z.string() });
type Owner = z.infer<typeof ownerSchema>;

export interface AcquireLockOptions {
  dir: string;
  /** @default this process */
  pid?: number;
  now?: () => Date;
}

/** Throws RUN_LOCKED while another process, or another open store of this process, may write to the run. */
export function acquireRunLock({
  dir,
  pid = process.pid,
  now = () => new Date(),
}: AcquireLockOptions): RunLock {
  // nothing else in this process may open run.lock: closing it would drop the lock (POSIX)
  const database = new DatabaseSync(path.join(dir, "run.lock"));
  const ownerFile = path.join(dir, "run.lock-owner.json");
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw sqliteCode(error) === SQLITE_BUSY ? lockedError(dir, readOwner(ownerFile)) : error;
  }
  writeFileSync(ownerFile, JSON.stringify({ pid, since: now().toISOString() } satisfies Owner));
  return {
    release: () => {
      rmSync(ownerFile, { force: true });
      database.close();
    },
  };
}

function readOwner(file: string): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // the owner may be writing or removing it now
    return null;
  }
}

function lockedError(dir: string, owner: Owner | null): CountersteerError {
  const who = owner === null ? "another process" : `process ${owner.pid}, since ${owner.since}`;
  return new CountersteerError("RUN_LOCKED", {
    what: `The run in ${dir} is being written by ${who}.`,
    why: "Two writers would generate the same trials twice.",
    todo: "Wait for it or stop it, or use another folder; reading and reporting are possible meanwhile.",
    facts: { dir, pid: owner?.pid ?? null },
  });
}

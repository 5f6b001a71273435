/**
 * One writer a run. The lock is SQLite's own lock on a file of its own, held open: the operating system drops it when the process ends in
 * whatever way, so there is no stale lock to judge by a pid that another process may have by now. The pid is beside it for the message only.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { CountersteerError, isCode } from "../errors.ts";
import { sqliteCode, withSqliteErrors } from "./sqlite-error.ts";

export interface RunLock {
  release: () => void;
}

const SQLITE_BUSY = 5;
/** Milliseconds in which someone who only asks whether the lock is held has let go of it again. */
const ASKING = 200;
const LOCK_FILE = "run.lock";
const OWNER_FILE = "run.lock-owner.json";
const ownerSchema = z.object({ pid: z.int().positive(), since: z.string() });
/** Process that holds a run's lock, and since when. */
export type LockOwner = z.infer<typeof ownerSchema>;

export interface AcquireLockOptions {
  dir: string;
  /** @default this process */
  pid?: number;
  now?: () => Date;
}

/** Throws RUN_LOCKED while another process, or another open store of this process, may write to the run; FILE_ACCESS. */
export function acquireRunLock({
  dir,
  pid = process.pid,
  now = () => new Date(),
}: AcquireLockOptions): RunLock {
  // nothing but SQLite may open run.lock in this process: closing it would drop the lock (POSIX)
  const database = withSqliteErrors(
    { dir },
    () => new DatabaseSync(path.join(dir, LOCK_FILE), { timeout: ASKING }),
  );
  const ownerFile = path.join(dir, OWNER_FILE);
  try {
    withSqliteErrors({ dir }, () => database.exec("BEGIN EXCLUSIVE"));
    writeFileSync(ownerFile, JSON.stringify({ pid, since: now().toISOString() } satisfies LockOwner));
  } catch (error) {
    database.close();
    throw isCode(error, "RUN_LOCKED") ? lockedError(dir, readOwner(ownerFile)) : error;
  }
  return {
    release: () => {
      rmSync(ownerFile, { force: true });
      database.close();
    },
  };
}

/** Throws RUN_LOCKED where somebody writes to the run now. */
export function refuseLocked({ dir }: { dir: string }): void {
  const owner = runLockOwner({ dir });
  if (owner !== null) throw lockedError(dir, owner);
}

/**
 * Who writes to the run now; null where nobody does, also where a process ended without saying so. Takes the lock for no longer than it takes to
 * ask, and only where somebody has said to hold it.
 */
export function runLockOwner({ dir }: { dir: string }): LockOwner | null {
  const owner = readOwner(path.join(dir, OWNER_FILE));
  const file = path.join(dir, LOCK_FILE);
  return owner !== null && existsSync(file) && isLocked(file) ? owner : null;
}

function isLocked(file: string): boolean {
  // SQLite knows which locks this process holds, so that closing this connection drops none of them
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.prepare("SELECT 1 FROM sqlite_master").get();
    return false;
  } catch (error) {
    // a file that is no lock of ours locks nothing
    return sqliteCode(error) === SQLITE_BUSY;
  } finally {
    database.close();
  }
}

function readOwner(file: string): LockOwner | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // the owner may be writing or removing it now
    return null;
  }
}

function lockedError(dir: string, owner: LockOwner | null): CountersteerError {
  const who = owner === null ? "another process" : `process ${owner.pid}, since ${owner.since}`;
  return new CountersteerError("RUN_LOCKED", {
    what: `The run in ${dir} is being written by ${who}.`,
    why: "Two writers would generate the same trials twice.",
    todo: "Wait for it or stop it, or use another folder; reading and reporting are possible meanwhile.",
    facts: { dir, pid: owner?.pid ?? null },
  });
}

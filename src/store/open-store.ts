/** Creates and opens run folders. */
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { CountersteerError, isCode } from "../errors.ts";
import { Database } from "./database.ts";
import type { Manifest } from "./manifest.ts";
import { acquireRunLock, refuseLocked } from "./run-lock.ts";
import { RunStore } from "./run-store.ts";
import { APPLICATION_ID, PAGE_SIZE, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { putManifest } from "./setup-tables.ts";
import { sqliteCode, withSqliteErrors } from "./sqlite-error.ts";
import { upgradeStore } from "./upgrade-store.ts";

/** What SQLite says when it can't make the files beside a database: read-only, can't open. */
const NO_SIDE_FILES = [8, 14];
/** Milliseconds that a reader waits for a writer's commit. */
const BUSY_TIMEOUT = 5000;

export interface CreateRunOptions {
  /** The run's folder; made if it is not there. */
  dir: string;
  manifest: Manifest;
  /** Puts what a run is never without, in the transaction that makes it one. */
  begin?: (store: RunStore) => void;
  now?: () => Date;
}

/** A new run, open for writing. Throws RUN_EXISTS when the folder holds one, RUN_LOCKED while one is being made there. */
export function createRun({
  dir,
  manifest,
  begin = () => {},
  now = () => new Date(),
}: CreateRunOptions): RunStore {
  mkdirSync(dir, { recursive: true });
  return openForWriting({
    dir,
    now,
    prepare: (database) => {
      if (!isEmpty(database)) {
        throw runExists(dir);
      }
      // cut off at any point, this leaves an empty file, which the next createRun takes
      database.transaction(() => {
        database.exec(SCHEMA);
        database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
        database.run(`PRAGMA user_version = ${SCHEMA_VERSION}`);
        putManifest(database, manifest);
        begin(new RunStore({ database, mode: "write", onClose: () => {}, now }));
      });
    },
  });
}

/**
 * Whether a run can begin in a folder, before anybody waits for what comes before the first record: throws RUN_EXISTS, RUN_LOCKED, and the system's
 * error where the folder can't be made or written. Leaves nothing there.
 */
export function checkPlaceOfRun({ dir }: { dir: string }): void {
  refuseLocked({ dir });
  if (holdsRun(dir)) throw runExists(dir);
  let place = path.resolve(dir);
  while (!existsSync(place) && path.dirname(place) !== place) place = path.dirname(place);
  // the dot makes it an error that a part of the path is a file
  accessSync(`${place}${path.sep}.`, constants.W_OK | constants.X_OK);
}

export interface OpenRunOptions {
  dir: string;
  /** Any number of readers may go beside one writer. */
  mode: "write" | "read";
  now?: () => Date;
}

/** Throws RUN_NOT_FOUND, RUN_LOCKED (a second writer) or STORE_CORRUPT (no run, damaged, or of an unknown version). */
export function openRun({ dir, mode, now = () => new Date() }: OpenRunOptions): RunStore {
  if (!existsSync(fileOf(dir))) {
    throw notFound(dir, "There is no run.sqlite in it.");
  }
  if (mode === "write") {
    return openForWriting({
      dir,
      now,
      prepare: (database) => {
        assertReadable({ database, dir });
        upgradeStore({ database });
      },
    });
  }
  const database = new Database({ db: withSqliteErrors({ dir }, () => openReadOnly(fileOf(dir))), dir });
  return closedOnError(database, () => {
    assertReadable({ database, dir });
    return new RunStore({ database, mode, onClose: () => {}, now });
  });
}

interface WritingOptions {
  dir: string;
  now: () => Date;
  prepare: (database: Database) => void;
}

function openForWriting({ dir, now, prepare }: WritingOptions): RunStore {
  const lock = acquireRunLock({ dir, now });
  try {
    const db = withSqliteErrors({ dir }, () => new DatabaseSync(fileOf(dir), { timeout: BUSY_TIMEOUT }));
    const database = new Database({ db, dir });
    return closedOnError(database, () => {
      // in WAL mode a killed process loses nothing that was committed; FULL adds that a power cut doesn't either
      withSqliteErrors({ dir }, () =>
        db.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`),
      );
      prepare(database);
      return new RunStore({ database, mode: "write", onClose: lock.release, now });
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** On a medium that can't be written SQLite can't make its WAL index; then nobody else writes either, and the file may be read as it is. */
function openReadOnly(file: string): DatabaseSync {
  const open = (from: string | URL) => {
    const db = new DatabaseSync(from, { readOnly: true, timeout: BUSY_TIMEOUT });
    try {
      db.prepare("SELECT count(*) FROM sqlite_master").get();
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  };
  try {
    return open(file);
  } catch (error) {
    if (!NO_SIDE_FILES.includes(sqliteCode(error) ?? 0) || existsSync(`${file}-wal`)) {
      throw error;
    }
    const immutable = pathToFileURL(file);
    immutable.searchParams.set("immutable", "1");
    return open(immutable);
  }
}

function closedOnError<T>(database: Database, work: () => T): T {
  try {
    return work();
  } catch (error) {
    database.close();
    throw error;
  }
}

function assertReadable({ database, dir }: { database: Database; dir: string }): void {
  if (isEmpty(database)) {
    throw notFound(dir, "Its run.sqlite is empty: the run was cut off before it began.");
  }
  const application = Number(database.get("PRAGMA application_id")?.application_id);
  const version = Number(database.get("PRAGMA user_version")?.user_version);
  if (application !== APPLICATION_ID || !(version >= 1 && version <= SCHEMA_VERSION)) {
    const ours = application === APPLICATION_ID;
    throw new CountersteerError("STORE_CORRUPT", {
      what: `The run in ${dir} can't be opened.`,
      why: ours
        ? `Its store has version ${version}, and this Countersteer knows none above version ${SCHEMA_VERSION}.`
        : "Its run.sqlite is a database of another program.",
      todo: ours ? "Use the Countersteer version that made it." : "Give the folder of a run.",
      facts: { dir, version, known: SCHEMA_VERSION },
    });
  }
  database.version = version;
}

function isEmpty(database: Database): boolean {
  return database.get("SELECT 1 FROM sqlite_master LIMIT 1") === undefined;
}

function fileOf(dir: string): string {
  return path.join(dir, "run.sqlite");
}

/** False as well for a run that was cut off before it began. */
function holdsRun(dir: string): boolean {
  try {
    openRun({ dir, mode: "read" }).close();
    return true;
  } catch (error) {
    if (isCode(error, "RUN_NOT_FOUND")) return false;
    throw error;
  }
}

function runExists(dir: string): CountersteerError {
  return new CountersteerError("RUN_EXISTS", {
    what: `${dir} already holds a run.`,
    why: "A run is never overwritten.",
    todo: "Resume it, or give another folder.",
    facts: { dir },
  });
}

function notFound(dir: string, why: string): CountersteerError {
  return new CountersteerError("RUN_NOT_FOUND", {
    what: `There is no run in ${dir}.`,
    why,
    todo: "Check the path, or start a run there.",
    facts: { dir },
  });
}

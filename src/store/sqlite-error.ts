/** Turns what SQLite says into something that a user can act on. */
import { CountersteerError, type ErrorCode, messageOf } from "../errors.ts";

/** Our statements are fixed, so a statement that does not fit the tables tells of a damaged schema. */
const ERROR = 1;
const PERM = 3;
const BUSY = 5;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CAN_NOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/**
 * Extended codes of I/O errors at which bytes did not get onto the disk (WRITE, FSYNC, DIR_FSYNC, TRUNCATE, SHMSIZE): a quota and a limit on the
 * size of files come as these, and not as FULL.
 */
const NOT_WRITTEN = [3, 4, 5, 6, 19].map((number) => IO_ERROR | (number << 8));

/** SQLite's primary result code of an error, null for any other error. */
export function sqliteCode(error: unknown): number | null {
  const extended = extendedCode(error);
  // extended codes carry the primary code in the low byte
  return extended === null ? null : extended & 0xff;
}

function extendedCode(error: unknown): number | null {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode
    : null;
}

/** Runs `work`; SQLite's errors become STORE_CORRUPT, DISK_FULL, FILE_ACCESS or RUN_LOCKED, all others pass. */
export function withSqliteErrors<T>({ dir }: { dir: string }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(dir, error);
  }
}

interface Meaning {
  code: ErrorCode;
  what: string;
  todo: string;
  facts?: Record<string, unknown>;
}

function translated(dir: string, error: unknown): unknown {
  const extended = extendedCode(error);
  const meaning = extended === null ? null : meaningOf(dir, extended);
  if (meaning === null) return error;
  const { code, facts = {}, ...text } = meaning;
  return new CountersteerError(code, {
    ...text,
    why: `SQLite says: ${messageOf(error)} (code ${extended}).`,
    facts: { dir, ...facts },
    cause: error,
  });
}

function meaningOf(dir: string, extended: number): Meaning | null {
  switch (extended & 0xff) {
    case ERROR:
    case CORRUPT:
    case NOT_A_DATABASE:
      return {
        code: "STORE_CORRUPT",
        what: `The run in ${dir} can't be read.`,
        todo: "Restore run.sqlite from a copy, or start the run anew in another folder.",
      };
    case FULL:
      return noRoom(dir);
    case IO_ERROR:
      return NOT_WRITTEN.includes(extended) ? noRoom(dir) : noAccess(dir);
    case PERM:
    case READ_ONLY:
    case CAN_NOT_OPEN:
      return noAccess(dir);
    case BUSY:
      return {
        code: "RUN_LOCKED",
        what: `The run in ${dir} stays busy.`,
        todo: "Close other programs that have run.sqlite open, and go on with `countersteer resume`: what was stored is kept.",
        facts: { pid: null },
      };
    default:
      return null;
  }
}

function noRoom(dir: string): Meaning {
  return {
    code: "DISK_FULL",
    what: `The run in ${dir} can't be written.`,
    todo: "Free some space, or ask for a higher quota, and resume the run; nothing that was stored is lost.",
  };
}

function noAccess(dir: string): Meaning {
  return {
    code: "FILE_ACCESS",
    what: `The run in ${dir} can't be read or written.`,
    todo: "Check the folder's owner and whether its medium is read-only or fails. Reading needs no right to write: `report`, `view`, `export`.",
  };
}

/** Turns what SQLite says into something that a user can act on. */
import { CountersteerError, messageOf } from "../errors.ts";

const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

/** SQLite's primary result code of an error, null for any other error. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) {
    return null;
  }
  // extended codes carry the primary code in the low byte
  return error.errcode & 0xff;
}

/** Runs `work`; SQLite's errors become STORE_CORRUPT, DISK_FULL or RUN_LOCKED, all others pass. */
export function withSqliteErrors<T>({ dir }: { dir: string }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(dir, error);
  }
}

function translated(dir: string, error: unknown): unknown {
  const why = `SQLite says: ${messageOf(error)}.`;
  const facts = { dir };
  switch (sqliteCode(error)) {
    case CORRUPT:
    case NOT_A_DATABASE:
      return new CountersteerError("STORE_CORRUPT", {
        what: `The run in ${dir} can't be read.`,
        why,
        todo: "Restore run.sqlite from a copy, or start the run anew in another folder.",
        facts,
        cause: error,
      });
    case FULL:
      return new CountersteerError("DISK_FULL", {
        what: `The run in ${dir} can't be written.`,
        why,
        todo: "Free some space and resume the run; nothing that was stored is lost.",
        facts,
        cause: error,
      });
    case BUSY:
      return new CountersteerError("RUN_LOCKED", {
        what: `The run in ${dir} stays busy.`,
        why,
        todo: "Close other programs that have run.sqlite open, and try again.",
        facts: { ...facts, pid: null },
        cause: error,
      });
    default:
      return error;
  }
}

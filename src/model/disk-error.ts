/** Tells a full disk from any other failure to read or write. */
import { CountersteerError, messageOf } from "../errors.ts";

// EFBIG and EDQUOT: the file system or the account allows no more bytes, which asks for the same action as a full disk.
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** The `code` of a Node system error, else null. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

export function isDiskFull(error: unknown): boolean {
  return FULL.has(systemCode(error) ?? "");
}

/** DISK_FULL naming `path`. */
export function diskFull({ path, cause }: { path: string; cause: unknown }): CountersteerError {
  return new CountersteerError("DISK_FULL", {
    what: `There is no room to write ${path}.`,
    why: `The system said: ${messageOf(cause)}.`,
    todo: "Free some space, or choose another folder, and run the command again.",
    facts: { path, systemCode: systemCode(cause) },
    cause,
  });
}

/** What to throw for a failed write to `path`: DISK_FULL, or DOWNLOAD_FAILED for anything else (no permission, read-only). */
export function writeError({ path, cause }: { path: string; cause: unknown }): CountersteerError {
  if (cause instanceof CountersteerError) return cause;
  if (isDiskFull(cause)) return diskFull({ path, cause });
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${path} can't be written.`,
    why: `The system said: ${messageOf(cause)}.`,
    todo: "Choose a cache directory that you may write to.",
    facts: { path, systemCode: systemCode(cause) },
    cause,
  });
}

/** What a user can do about an error of the file system, as DISK_FULL or FILE_ACCESS; null for any other error. */
export function fileError(error: unknown): CountersteerError | null {
  const code = systemCode(error);
  if (code === null || !(error instanceof Error)) return null;
  // a write to an open file names none, and a program that isn't there is no file of the user's
  const path = "path" in error && !isOfSpawn(error) ? String(error.path) : null;
  if (isDiskFull(error)) return diskFull({ path: path ?? "a file", cause: error });
  if (path === null) return null;
  return new CountersteerError("FILE_ACCESS", {
    what: `${path} can't be read or written.`,
    why: `The system said: ${messageOf(error)}.`,
    todo: "Give a path that this user may read and write, on a medium that isn't read-only.",
    facts: { path, systemCode: code },
    cause: error,
  });
}

function isOfSpawn(error: Error): boolean {
  return "syscall" in error && String(error.syscall).startsWith("spawn");
}

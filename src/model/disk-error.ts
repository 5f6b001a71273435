/** Tells a full disk from any other failure to write. */
import { CountersteerError, messageOf } from "../errors.ts";

// EFBIG and EDQUOT: the file system or the account allows no more bytes, which asks for the same action as a full disk.
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** The `code` of a Node system error, else null. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** DISK_FULL naming `path`. */
export function diskFull({ path, cause }: { path: string; cause: unknown }): CountersteerError {
  return new CountersteerError("DISK_FULL", {
    what: `There is no room to write ${path}.`,
    why: `The system said: ${messageOf(cause)}.`,
    todo: "Free some space, or choose another cache directory, and run the command again.",
    facts: { path, systemCode: systemCode(cause) },
    cause,
  });
}

/** What to throw for a failed write to `path`: DISK_FULL, or DOWNLOAD_FAILED for anything else (no permission, read-only). */
export function writeError({ path, cause }: { path: string; cause: unknown }): CountersteerError {
  if (cause instanceof CountersteerError) return cause;
  const code = systemCode(cause);
  if (code !== null && FULL.has(code)) return diskFull({ path, cause });
  return new CountersteerError("DOWNLOAD_FAILED", {
    what: `${path} can't be written.`,
    why: `The system said: ${messageOf(cause)}.`,
    todo: "Choose a cache directory that you may write to.",
    facts: { path, systemCode: code },
    cause,
  });
}

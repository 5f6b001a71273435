/** The error for work that the caller's signal ended. */
import { CountersteerError } from "../errors.ts";

/** Throws ABORTED if the signal has fired. */
export function throwIfAborted({ signal, what }: { signal?: AbortSignal | undefined; what: string }): void {
  if (signal?.aborted !== true) return;
  throw new CountersteerError("ABORTED", {
    what: `${what} was stopped.`,
    why: "The caller asked for it to stop.",
    todo: "Run the command again to continue.",
    cause: signal.reason,
  });
}

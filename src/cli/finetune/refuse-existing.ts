/** Files and folders that take long to make are never written over. */
import { existsSync } from "node:fs";
import { CountersteerError } from "../../errors.ts";

/** Throws CONFIG_INVALID. */
export function refuseExisting(out: string): void {
  if (!existsSync(out)) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${out} is there already.`,
    why: "Nothing is written over.",
    todo: "Give another name, or remove it.",
    facts: { out },
  });
}

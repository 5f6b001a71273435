/** A run's folder that appears whole or not at all: it is filled beside its place and renamed. */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { CountersteerError } from "../errors.ts";
import { acquireRunLock } from "./run-lock.ts";

export interface WholeFolder {
  /** Where the run is made; closed before `place`. */
  part: string;
  /** Puts it in its place. */
  place: () => void;
  /** Removes it, where filling it failed. */
  discard: () => void;
}

/**
 * Throws RUN_EXISTS where something is in the place already, and RUN_LOCKED where another process fills a folder for it. What was left beside it by one that
 * was cut off is removed.
 */
export function wholeFolder({ dir }: { dir: string }): WholeFolder {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new CountersteerError("RUN_EXISTS", {
      what: `There is something in ${dir} already.`,
      why: "A new run overwrites none.",
      todo: "Give another folder.",
      facts: { dir },
    });
  }
  const part = `${dir.replace(/[\\/]+$/, "")}.part`;
  if (existsSync(part)) {
    acquireRunLock({ dir: part }).release();
    rmSync(part, { recursive: true });
  }
  // an empty folder may stand in the place; a full one makes this fail
  return {
    part,
    place: () => renameSync(part, dir),
    discard: () => rmSync(part, { recursive: true, force: true }),
  };
}

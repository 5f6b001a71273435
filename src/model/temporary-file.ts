/**
 * Names of files that are written beside their place and renamed when they are whole. A name says which process of which machine writes, so that
 * the next one to write to the same place can remove what a killed process left, and nothing that another is writing now.
 */
import { readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Distinguishes concurrent writes of this process to one place. */
let names = 0;

const MACHINE = os.hostname().replaceAll(/[^\w-]/g, "-");

/** A name beside `place` that no other write has; removes files of this kind whose processes are gone. */
export function temporaryBeside(place: string): string {
  removeAbandoned(place);
  names += 1;
  return `${place}.${MACHINE}.${process.pid}-${names}.tmp`;
}

/** Another machine may share the folder, and its processes can't be asked about here. */
function removeAbandoned(place: string): void {
  const [folder, start] = [path.dirname(place), `${path.basename(place)}.${MACHINE}.`];
  for (const name of entriesOf(folder)) {
    const [, pid] = name.startsWith(start) ? (/^(\d+)-\d+\.tmp$/.exec(name.slice(start.length)) ?? []) : [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(path.join(folder, name), { force: true });
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // a folder that can't be listed is refused by the write itself, with more to say
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // a process of another user is alive, too
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

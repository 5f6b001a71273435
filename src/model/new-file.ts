/** Writes a file that is there as a whole or not at all, and in the place of no other. */
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { temporaryBeside } from "./temporary-file.ts";

/** What a file system says that knows no hard links. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/** `write` fills the file of the name that it is given. Throws where something is in the place, and what `write` and the file system throw. */
export function writeNewFile<T>({ path, write }: { path: string; write: (temporary: string) => T }): T {
  // before anything is refused: this removes what a killed process left beside a file that it had put in its place
  const temporary = temporaryBeside(path);
  if (existsSync(path)) throw new Error(`${path} is there already`);
  try {
    const result = write(temporary);
    place({ temporary, path });
    return result;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A link, unlike a renaming, never takes the place of a file that came there meanwhile. */
function place({ temporary, path }: { temporary: string; path: string }): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!NO_LINKS.includes(code) || existsSync(path)) throw error;
    renameSync(temporary, path);
  }
}

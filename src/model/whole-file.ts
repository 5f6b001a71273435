/** Writes a file whole or not at all. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { diskFull, isDiskFull } from "./disk-error.ts";
import { temporaryBeside } from "./temporary-file.ts";

/** Writes all bytes, at `position` or where the last write ended. */
export async function writeAll({
  file,
  bytes,
  position = null,
}: {
  file: FileHandle;
  bytes: Uint8Array;
  position?: number | null;
}): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const at = position === null ? null : position + done;
    done += (await file.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}

/**
 * The file appears under its name only when `write` is through and everything is on disk.
 * Throws DISK_FULL, and what `write` throws.
 */
export async function writeWholeFile({
  path,
  write,
}: {
  path: string;
  write: (file: FileHandle) => Promise<void>;
}): Promise<void> {
  const temporary = temporaryBeside(path);
  const file = await open(temporary, "w");
  try {
    await write(file);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw isDiskFull(error) ? diskFull({ path, cause: error }) : error;
  }
}

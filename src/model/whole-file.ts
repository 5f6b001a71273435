/** Writes a file whole or not at all. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { CountersteerError, messageOf } from "../errors.ts";

/** Distinguishes the temporary files of concurrent writes to one path. */
let writes = 0;

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
  writes += 1;
  const temporary = `${path}.${process.pid}-${writes}.tmp`;
  const file = await open(temporary, "w");
  try {
    await write(file);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
      throw new CountersteerError("DISK_FULL", {
        what: `${path} could not be written.`,
        why: messageOf(error),
        todo: "Free space or choose another folder.",
        facts: { path },
        cause: error,
      });
    }
    throw error;
  }
}

/** Bytes at a position, from a file or from memory: what tensors are read from, whatever container they lie in. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { unreadable } from "./sae-errors.ts";

export interface ByteSource {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `target` from `position` on. Throws SAE_UNREADABLE where there are fewer bytes. */
  readInto(target: Uint8Array, position: number): void;
  close(): void;
}

/** A file, read by position and kept open until it is closed. Throws SAE_UNREADABLE. */
export function openFileBytes({ path }: { path: string }): ByteSource {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw unreadable({ path, why: `It can't be opened: ${messageOf(cause)}.`, cause });
  }
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw unreadable({ path, why: "It is not a file." });
  }
  let open = true;
  return {
    path,
    size: stat.size,
    readInto(target, position) {
      // the number of a closed file may already belong to another one
      if (!open) throw new Error(`${path} was closed before byte ${position} was read`);
      for (let done = 0; done < target.length; ) {
        const got = readSync(fd, target, done, target.length - done, position + done);
        if (got === 0) {
          const why = `The file ended at byte ${position + done}, inside a read of ${target.length} bytes at ${position}.`;
          throw unreadable({ path, why, facts: { position, length: target.length, read: done } });
        }
        done += got;
      }
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/** Bytes that are already in memory. @param path what messages call them */
export function memoryBytes({ path, bytes }: { path: string; bytes: Uint8Array }): ByteSource {
  return {
    path,
    size: bytes.length,
    readInto(target, position) {
      if (position < 0 || position + target.length > bytes.length) throw pastEnd(path, position, target);
      target.set(bytes.subarray(position, position + target.length));
    },
    close: () => undefined,
  };
}

/** Part of another source, which stays the one to close. */
export function sliceBytes({
  source,
  begin,
  size,
}: {
  source: ByteSource;
  begin: number;
  size: number;
}): ByteSource {
  return {
    path: source.path,
    size,
    readInto(target, position) {
      if (position < 0 || position + target.length > size) throw pastEnd(source.path, position, target);
      source.readInto(target, begin + position);
    },
    close: () => undefined,
  };
}

/** `length` bytes at `position`, in memory of their own. Throws SAE_UNREADABLE where there are fewer. */
export function readBytes({
  source,
  position,
  length,
}: {
  source: ByteSource;
  position: number;
  length: number;
}): Buffer {
  if (position < 0 || length < 0 || position + length > source.size) {
    throw unreadable({
      path: source.path,
      why: `Bytes ${position} to ${position + length} lie outside its ${source.size}.`,
      facts: { position, length, fileBytes: source.size },
    });
  }
  // not of the shared pool, whose parts begin anywhere and can't be seen as floats
  const bytes = Buffer.from(new ArrayBuffer(length));
  source.readInto(bytes, position);
  return bytes;
}

function pastEnd(path: string, position: number, target: Uint8Array) {
  return unreadable({
    path,
    why: `Bytes ${position} to ${position + target.length} lie outside its part of the file.`,
    facts: { position, length: target.length },
  });
}

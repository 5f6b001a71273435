/** Takes one member out of a zip file (a Python wheel is one) without reading the rest of it. Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3. */
import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { CountersteerError, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { systemCode, writeError } from "./disk-error.ts";

const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
/** The end record may be followed by a comment of at most this many bytes. */
const LONGEST_COMMENT = 0xffff;
/** A field with all bits set says that the value is in the zip64 extra field. */
const IN_ZIP64 = 0xffffffff;
const ZIP64_EXTRA = 1;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  method: number;
  compressed: number;
  size: number;
  localOffset: number;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error(`bytes ${position} to ${position + length} are past its end`);
  return buffer;
}

/** Position and length of the central directory. */
async function findDirectory(
  file: FileHandle,
  fileSize: number,
): Promise<{ offset: number; length: number }> {
  const tailLength = Math.min(fileSize, END_SIZE + LONGEST_COMMENT + LOCATOR_SIZE);
  const tail = await readAt(file, fileSize - tailLength, tailLength);
  for (let at = tailLength - END_SIZE; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END) continue;
    const locator = at - LOCATOR_SIZE;
    if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR) {
      const end64 = await readAt(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
      if (end64.readUInt32LE(0) !== END64) throw new Error("its zip64 end record is damaged");
      return { length: Number(end64.readBigUInt64LE(40)), offset: Number(end64.readBigUInt64LE(48)) };
    }
    return { length: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
  }
  throw new Error("it has no end record");
}

/** Replaces the fields that the extra field holds in 64 bits, in the order in which the format lists them. */
function widen(entry: Entry, extra: Buffer): Entry {
  const wide = { ...entry };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA) continue;
    let field = at + 4;
    for (const name of ["size", "compressed", "localOffset"] as const) {
      if (entry[name] !== IN_ZIP64) continue;
      wide[name] = Number(extra.readBigUInt64LE(field));
      field += 8;
    }
  }
  return wide;
}

async function findEntry(file: FileHandle, member: string): Promise<Entry> {
  const { size: fileSize } = await file.stat();
  const { offset, length } = await findDirectory(file, fileSize);
  if (offset + length > fileSize) throw new Error("its directory is past its end");
  const directory = await readAt(file, offset, length);
  for (let at = 0; at + CENTRAL_SIZE <= length; ) {
    if (directory.readUInt32LE(at) !== CENTRAL) throw new Error("its directory is damaged");
    const nameEnd = at + CENTRAL_SIZE + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    if (directory.toString("utf8", at + CENTRAL_SIZE, nameEnd) === member) {
      const entry = {
        method: directory.readUInt16LE(at + 10),
        compressed: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        localOffset: directory.readUInt32LE(at + 42),
      };
      return widen(entry, directory.subarray(nameEnd, extraEnd));
    }
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  throw new Error(`it has no member ${member}`);
}

/** The position of the member's first data byte. Only the local header knows how long its own extra field is. */
async function dataStart(file: FileHandle, entry: Entry): Promise<number> {
  const header = await readAt(file, entry.localOffset, LOCAL_SIZE);
  if (header.readUInt32LE(0) !== LOCAL) throw new Error("its local header is damaged");
  return entry.localOffset + LOCAL_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** Passes bytes on, counts them, and ends in an error if they are not exactly `size`. */
function exactly(size: number, onBytes: ((done: number, total: number) => void) | undefined): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      done += chunk.length;
      onBytes?.(done, size);
      callback(
        done > size ? new Error(`the member is longer than the ${size} bytes that the directory says`) : null,
        chunk,
      );
    },
    flush(callback) {
      callback(done < size ? new Error(`the member ends after ${done} of ${size} bytes`) : null);
    },
  });
}

export interface ExtractOptions {
  zipPath: string;
  member: string;
  /** Written anew. */
  targetPath: string;
  signal?: AbortSignal | undefined;
  onBytes?: ((done: number, total: number) => void) | undefined;
}

/** Writes the member (stored or deflated) to `targetPath`. Throws DOWNLOAD_FAILED for a zip that can't be read, DISK_FULL or ABORTED. */
export async function extractZipMember({
  zipPath,
  member,
  targetPath,
  signal,
  onBytes,
}: ExtractOptions): Promise<void> {
  try {
    await using file = await open(zipPath, "r");
    const entry = await findEntry(file, member);
    const start = await dataStart(file, entry);
    if (entry.method !== STORED && entry.method !== DEFLATED) {
      throw new Error(`compression method ${entry.method} is unknown`);
    }
    const source = createReadStream(zipPath, { start, end: start + entry.compressed - 1 });
    const target = createWriteStream(targetPath);
    const counted = exactly(entry.size, onBytes);
    const options = signal === undefined ? {} : { signal };
    if (entry.method === STORED) await pipeline(source, counted, target, options);
    else await pipeline(source, createInflateRaw(), counted, target, options);
  } catch (cause) {
    throwIfAborted({ signal, what: "The extraction" });
    if (systemCode(cause)?.startsWith("E") && !systemCode(cause)?.startsWith("ERR_")) {
      throw writeError({ path: targetPath, cause });
    }
    throw new CountersteerError("DOWNLOAD_FAILED", {
      what: `${member} could not be taken out of ${zipPath}.`,
      why: `The package is not as expected: ${messageOf(cause)}.`,
      todo: "Run the command again, or choose another source with --from.",
      facts: { zipPath, member },
      cause,
    });
  }
}

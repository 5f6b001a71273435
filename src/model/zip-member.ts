/** Takes one member out of a zip file (a Python wheel is one) without reading the rest of it. */
import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { CountersteerError, messageOf } from "../errors.ts";
import { throwIfAborted } from "./aborted.ts";
import { systemCode, writeError } from "./disk-error.ts";
import {
  DEFLATED,
  END64_SIZE,
  LOCAL_SIZE,
  LONGEST_TAIL,
  readLocalHeader,
  readZip64End,
  readZipEnd,
  readZipMembers,
  STORED,
  type ZipMember,
} from "./zip-format.ts";

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error(`bytes ${position} to ${position + length} are past its end`);
  return buffer;
}

async function findMember(file: FileHandle, name: string): Promise<ZipMember> {
  const { size: fileSize } = await file.stat();
  const tailLength = Math.min(fileSize, LONGEST_TAIL);
  const end = readZipEnd(await readAt(file, fileSize - tailLength, tailLength));
  const { offset, length } = "end64" in end ? readZip64End(await readAt(file, end.end64, END64_SIZE)) : end;
  if (offset + length > fileSize) throw new Error("its directory is past its end");
  const member = readZipMembers(await readAt(file, offset, length)).get(name);
  if (member === undefined) throw new Error(`it has no member ${name}`);
  return member;
}

/** The position of the member's first data byte. */
async function dataStart(file: FileHandle, member: ZipMember): Promise<number> {
  const header = await readAt(file, member.localOffset, LOCAL_SIZE);
  const lengths = readLocalHeader({ header, member });
  return member.localOffset + LOCAL_SIZE + lengths.name + lengths.extra;
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
    const entry = await findMember(file, member);
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

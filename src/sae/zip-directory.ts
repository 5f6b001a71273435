/**
 * The members of a zip file, read synchronously and lazily: npz and torch files are zips whose members are stored as they are.
 */
import { constants, crc32, inflateRawSync } from "node:zlib";
import { CountersteerError, messageOf } from "../errors.ts";
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
} from "../model/zip-format.ts";
import { type ByteSource, memoryBytes, readBytes, sliceBytes } from "./byte-source.ts";
import { unreadable, unsupported } from "./sae-errors.ts";

const LONGEST_DIRECTORY = 16 * 2 ** 20;
const ENCRYPTED = 1;
/** Unpacked members are held in memory; what is larger has to be stored as it is. */
const MOST_UNPACKED = 512 * 2 ** 20;
/** Deflate can't do better than this. */
const MOST_RATIO = 1032;

function damaged(source: ByteSource, why: string) {
  return unreadable({ path: source.path, why: `It is no intact zip file: ${why}.` });
}

/** What the format's reader finds wrong, as the refusal of this file. */
function intact<T>(source: ByteSource, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CountersteerError) throw error;
    throw damaged(source, messageOf(error));
  }
}

/** Every member by its name. Throws SAE_UNREADABLE for what is no zip file, or a damaged one. */
export function readZipDirectory({ source }: { source: ByteSource }): Map<string, ZipMember> {
  return intact(source, () => {
    const tailLength = Math.min(source.size, LONGEST_TAIL);
    const end = readZipEnd(readBytes({ source, position: source.size - tailLength, length: tailLength }));
    const { offset, length } =
      "end64" in end ? readZip64End(readBytes({ source, position: end.end64, length: END64_SIZE })) : end;
    if (length > LONGEST_DIRECTORY) throw damaged(source, `its directory is said to have ${length} bytes`);
    return readZipMembers(readBytes({ source, position: offset, length }));
  });
}

/** The position of the member's first byte. */
function dataStart(source: ByteSource, member: ZipMember): number {
  const position = member.localOffset;
  const header = readBytes({ source, position, length: LOCAL_SIZE });
  const lengths = intact(source, () => readLocalHeader({ header, member }));
  const name = readBytes({ source, position: position + LOCAL_SIZE, length: lengths.name });
  if (name.toString("utf8") !== member.name) {
    throw damaged(source, `the local header of ${member.name} is damaged`);
  }
  return position + LOCAL_SIZE + lengths.name + lengths.extra;
}

function unpack({ source, member, begin }: { source: ByteSource; member: ZipMember; begin: number }): Buffer {
  const { name, size, compressed, crc } = member;
  if (size > MOST_UNPACKED) {
    throw unsupported({
      path: source.path,
      field: `size of the compressed member ${name}`,
      value: size,
      known: `at most ${MOST_UNPACKED} bytes, and any size where members are stored uncompressed`,
      todo: "Write the file again without compression (numpy.savez).",
    });
  }
  if (size > compressed * MOST_RATIO) throw damaged(source, `${name} can't have ${size} bytes`);
  let bytes: Buffer;
  try {
    const packed = readBytes({ source, position: begin, length: compressed });
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, size), finishFlush: constants.Z_FINISH });
  } catch (cause) {
    throw unreadable({
      path: source.path,
      why: `Its member ${name} is damaged: ${messageOf(cause)}.`,
      cause,
    });
  }
  if (bytes.length !== size || crc32(bytes) !== crc) throw damaged(source, `${name} is damaged`);
  return bytes;
}

/**
 * A member's bytes: a part of the file if it is stored, else unpacked into memory.
 * Throws SAE_UNREADABLE, or SAE_UNSUPPORTED for encryption, other compressions and large compressed members.
 */
export function zipMemberBytes({ source, member }: { source: ByteSource; member: ZipMember }): ByteSource {
  const { name, method, flags, size, compressed } = member;
  if ((flags & ENCRYPTED) !== 0 || (method !== STORED && method !== DEFLATED)) {
    const value = (flags & ENCRYPTED) !== 0 ? "encrypted" : method;
    throw unsupported({
      path: source.path,
      field: `compression of ${name}`,
      value,
      known: "stored and deflated",
    });
  }
  const begin = dataStart(source, member);
  if (begin + compressed > source.size) throw damaged(source, `${name} is cut short`);
  if (method === STORED) {
    if (size !== compressed) throw damaged(source, `${name} has two sizes, ${size} and ${compressed}`);
    return sliceBytes({ source, begin, size });
  }
  return memoryBytes({ path: source.path, bytes: unpack({ source, member, begin }) });
}

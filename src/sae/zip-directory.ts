/**
 * The members of a zip file, read synchronously and lazily: npz and torch files are zips whose members are stored as they are.
 * Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.
 */
import { constants, crc32, inflateRawSync } from "node:zlib";
import { messageOf } from "../errors.ts";
import { type ByteSource, memoryBytes, readBytes, sliceBytes } from "./byte-source.ts";
import { unreadable, unsupported } from "./sae-errors.ts";

const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const END64_SIZE = 56;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
/** The end record may be followed by a comment of at most this many bytes. */
const LONGEST_COMMENT = 0xffff;
const LONGEST_DIRECTORY = 16 * 2 ** 20;
/** A field with all bits set says that the value is in the zip64 extra field. */
const IN_ZIP64 = 0xffffffff;
const ZIP64_EXTRA = 1;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
/** Unpacked members are held in memory; what is larger has to be stored as it is. */
const MOST_UNPACKED = 512 * 2 ** 20;
/** Deflate can't do better than this. */
const MOST_RATIO = 1032;

export interface ZipMember {
  name: string;
  method: number;
  flags: number;
  crc: number;
  compressed: number;
  size: number;
  localOffset: number;
}

function damaged(source: ByteSource, why: string) {
  return unreadable({ path: source.path, why: `It is no intact zip file: ${why}.` });
}

function wideAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** The central directory's bytes. */
function directoryOf(source: ByteSource): Buffer {
  const length = Math.min(source.size, END_SIZE + LONGEST_COMMENT + LOCATOR_SIZE);
  const tail = readBytes({ source, position: source.size - length, length });
  for (let at = length - END_SIZE; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_SIZE + tail.readUInt16LE(at + 20) !== length) continue;
    let [size, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    const locator = at - LOCATOR_SIZE;
    if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR) {
      const end64 = readBytes({ source, position: wideAt(tail, locator + 8), length: END64_SIZE });
      if (end64.readUInt32LE(0) !== END64) throw damaged(source, "its zip64 end record is damaged");
      [size, offset] = [wideAt(end64, 40), wideAt(end64, 48)];
    }
    if (size > LONGEST_DIRECTORY) throw damaged(source, `its directory is said to have ${size} bytes`);
    return readBytes({ source, position: offset, length: size });
  }
  throw damaged(source, "it has no end record");
}

/** Replaces the fields that the extra field holds in 64 bits, in the order in which the format lists them. */
function widen(member: ZipMember, extra: Buffer): ZipMember {
  const wide = { ...member };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA) continue;
    let field = at + 4;
    for (const name of ["size", "compressed", "localOffset"] as const) {
      if (member[name] !== IN_ZIP64 || field + 8 > extra.length) continue;
      wide[name] = wideAt(extra, field);
      field += 8;
    }
  }
  return wide;
}

/** Every member by its name. Throws SAE_UNREADABLE for what is no zip file, or a damaged one. */
export function readZipDirectory({ source }: { source: ByteSource }): Map<string, ZipMember> {
  const directory = directoryOf(source);
  const members = new Map<string, ZipMember>();
  for (let at = 0; at < directory.length; ) {
    if (at + CENTRAL_SIZE > directory.length || directory.readUInt32LE(at) !== CENTRAL) {
      throw damaged(source, "its directory is damaged");
    }
    const nameEnd = at + CENTRAL_SIZE + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    const name = directory.toString("utf8", at + CENTRAL_SIZE, nameEnd);
    const member = {
      name,
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      localOffset: directory.readUInt32LE(at + 42),
    };
    if (members.has(name)) throw damaged(source, `it has two members ${name}`);
    members.set(name, widen(member, directory.subarray(nameEnd, extraEnd)));
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  return members;
}

/** Only the local header knows how long its own extra field is. */
function dataStart(source: ByteSource, member: ZipMember): number {
  const header = readBytes({ source, position: member.localOffset, length: LOCAL_SIZE });
  const nameLength = header.readUInt16LE(26);
  const name = readBytes({ source, position: member.localOffset + LOCAL_SIZE, length: nameLength });
  if (header.readUInt32LE(0) !== LOCAL || name.toString("utf8") !== member.name) {
    throw damaged(source, `the local header of ${member.name} is damaged`);
  }
  return member.localOffset + LOCAL_SIZE + nameLength + header.readUInt16LE(28);
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

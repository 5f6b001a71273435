/**
 * Where the members of a zip file lie, from bytes that the caller reads. Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.
 * What is wrong with a file is a plain error's message, as the end of "it is no intact zip file: …".
 */

const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const CENTRAL_SIZE = 46;
/** The end record may be followed by a comment of at most this many bytes. */
const LONGEST_COMMENT = 0xffff;
/** A field with all bits set says that the value is in the zip64 extra field. */
const IN_ZIP64 = 0xffffffff;
const ZIP64_EXTRA = 1;

export const END64_SIZE = 56;
export const LOCAL_SIZE = 30;
/** Bytes from the file's end in which its end record is. */
export const LONGEST_TAIL = END_SIZE + LONGEST_COMMENT + LOCATOR_SIZE;
export const STORED = 0;
export const DEFLATED = 8;

export interface ZipMember {
  name: string;
  method: number;
  flags: number;
  crc: number;
  compressed: number;
  size: number;
  localOffset: number;
}

/** Where the central directory is, in bytes of the file. */
export interface ZipDirectoryPlace {
  offset: number;
  length: number;
}

/** What the file's last bytes say: the directory's place, or the place of the zip64 record (`END64_SIZE` bytes) that says it. */
export function readZipEnd(tail: Buffer): ZipDirectoryPlace | { end64: number } {
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_SIZE + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const locator = at - LOCATOR_SIZE;
    return locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR
      ? { end64: wideAt(tail, locator + 8) }
      : { length: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
  }
  throw new Error("it has no end record");
}

export function readZip64End(record: Buffer): ZipDirectoryPlace {
  if (record.readUInt32LE(0) !== END64) throw new Error("its zip64 end record is damaged");
  return { length: wideAt(record, 40), offset: wideAt(record, 48) };
}

/** Every member by its name, of the central directory's bytes. */
export function readZipMembers(directory: Buffer): Map<string, ZipMember> {
  const members = new Map<string, ZipMember>();
  for (let at = 0; at < directory.length; ) {
    if (at + CENTRAL_SIZE > directory.length || directory.readUInt32LE(at) !== CENTRAL) {
      throw new Error("its directory is damaged");
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
    if (members.has(name)) throw new Error(`it has two members ${name}`);
    members.set(name, widen(member, directory.subarray(nameEnd, extraEnd)));
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  return members;
}

/** Lengths of the two fields between a local header (`LOCAL_SIZE` bytes) and the data; the header's own extra field may differ from the directory's. */
export function readLocalHeader({ header, member }: { header: Buffer; member: ZipMember }): {
  name: number;
  extra: number;
} {
  if (header.readUInt32LE(0) !== LOCAL) throw new Error(`the local header of ${member.name} is damaged`);
  return { name: header.readUInt16LE(26), extra: header.readUInt16LE(28) };
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

function wideAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** Writes small zip files for tests, in the shapes that wheels come in. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipPart {
  name: string;
  bytes: Buffer;
  deflate: boolean;
}

const FULL = 0xffffffff;

function zip64Extra(values: number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function localHeader(
  name: Buffer,
  method: number,
  crc: number,
  compressed: number,
  size: number,
  extra: Buffer,
): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(compressed, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

function centralHeader(
  name: Buffer,
  method: number,
  crc: number,
  fields: [number, number, number],
  extra: Buffer,
): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(fields[0], 20);
  header.writeUInt32LE(fields[1], 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(fields[2], 42);
  return Buffer.concat([header, name, extra]);
}

function endRecords(count: number, offset: number, length: number, zip64: boolean): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(zip64 ? FULL : length, 12);
  end.writeUInt32LE(zip64 ? FULL : offset, 16);
  if (!zip64) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(length), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + length), 8);
  return Buffer.concat([end64, locator, end]);
}

/** With `zip64` every size and offset is written the 64-bit way, as it is for members over 4 GB. */
export function tinyZip({ parts, zip64 = false }: { parts: ZipPart[]; zip64?: boolean }): Buffer {
  const body: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name, "utf8");
    const data = part.deflate ? deflateRawSync(part.bytes) : part.bytes;
    const method = part.deflate ? 8 : 0;
    const size = part.bytes.length;
    const crc = crc32(part.bytes);
    const local = zip64
      ? localHeader(name, method, crc, FULL, FULL, zip64Extra([size, data.length]))
      : localHeader(name, method, crc, data.length, size, Buffer.alloc(0));
    central.push(
      zip64
        ? centralHeader(name, method, crc, [FULL, FULL, FULL], zip64Extra([size, data.length, offset]))
        : centralHeader(name, method, crc, [data.length, size, offset], Buffer.alloc(0)),
    );
    body.push(local, data);
    offset += local.length + data.length;
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([...body, directory, endRecords(parts.length, offset, directory.length, zip64)]);
}

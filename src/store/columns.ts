/** Column forms: JSON as canonical text, integer arrays as little-endian blobs, a record's digest. */
import { canonicalHash, canonicalJson } from "./canonical-json.ts";
import type { Row } from "./database.ts";
import { type Json, unpackJson } from "./packed-json.ts";

export const toJson = canonicalJson;

export function fromJson(row: Row, column: string): unknown {
  const text = row[column];
  if (typeof text !== "string") {
    throw new TypeError(`the column ${column} holds no text`);
  }
  return JSON.parse(text);
}

/** What stands in a JSON column whose content lies in the column `packed`. */
export const PACKED = "{}";

/** Content of the column `packed`; null where there is none, and then `column` holds it as JSON. */
export function unpacked(row: Row, column: string): Json {
  if ((row.packed ?? null) === null) return null;
  if (row[column] !== PACKED) throw new TypeError(`the columns ${column} and packed both hold something`);
  return unpackJson(bytesOf(row, "packed"));
}

export function toBlob(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const bytes = row[column];
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`the column ${column} holds no blob`);
  }
  return bytes;
}

/** The bytes of a blob, copied, so that typed arrays may lie over them whatever their alignment was. */
export function blobBytes(row: Row, column: string): ArrayBuffer {
  return new Uint8Array(bytesOf(row, column)).buffer;
}

export function fromBlob(row: Row, column: string): Int32Array {
  return new Int32Array(blobBytes(row, column));
}

/** Hash of a record's content. When it was made is not content: a trial made again is the same trial. */
export function digestOf(record: Record<string, unknown>): string {
  const { createdAt, ...content } = record;
  const plain = Object.entries(content).map(([name, value]) => [
    name,
    value instanceof Int32Array || value instanceof Float32Array ? Array.from(value) : value,
  ]);
  return canonicalHash(Object.fromEntries(plain));
}

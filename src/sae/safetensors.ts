/**
 * A safetensors file opened lazily: the header is read and checked at once, tensors by row or column when asked for.
 * Reads are positional and synchronous, because a steering hook can't await.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CountersteerError, messageOf } from "../errors.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./float-bits.ts";
import {
  bytesOf,
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type TensorInfo,
  unreadable,
} from "./safetensors-header.ts";

export interface Safetensors {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Dtype and shape; SAE_UNREADABLE if the file has no such tensor. */
  info(name: string): TensorInfo;
  /** A whole F32, F16 or BF16 tensor, row-major. */
  readTensor(name: string): Float32Array;
  /** A whole I32 tensor, row-major. */
  readInt32(name: string): Int32Array;
  /** Rows `[row, row + count)` of a `[rows, columns]` tensor, as `[count, columns]`. */
  readRows(options: { name: string; row: number; count: number }): Float32Array;
  /** One column of a `[rows, columns]` tensor, as `[rows]`: one small read a row. */
  readColumn(options: { name: string; column: number }): Float32Array;
  close(): void;
}

function readBytes({
  path,
  fd,
  position,
  length,
}: {
  path: string;
  fd: number;
  position: number;
  length: number;
}): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    const got = readSync(fd, bytes, done, length - done, position + done);
    if (got === 0) {
      const why = `The file ended at byte ${position + done}, inside a read of ${length} bytes at ${position}.`;
      throw unreadable({ path, why, facts: { position, length, read: done } });
    }
    done += got;
  }
  return bytes;
}

function toFloats({
  path,
  name,
  dtype,
  bytes,
}: {
  path: string;
  name: string;
  dtype: string;
  bytes: Buffer;
}): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case "F16":
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case "BF16":
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2));
    default:
      throw new CountersteerError("SAE_UNSUPPORTED", {
        what: `Tensor "${name}" of ${path} holds ${dtype}.`,
        why: "Weights are read as F32, F16 or BF16.",
        todo: "Convert the tensor to one of these.",
        facts: { path, tensor: name, dtype },
      });
  }
}

function matrixShape({
  path,
  name,
  info,
}: {
  path: string;
  name: string;
  info: TensorInfo;
}): [number, number] {
  const [rows, columns] = info.shape;
  if (rows === undefined || columns === undefined || info.shape.length !== 2) {
    throw unreadable({
      path,
      why: `Tensor "${name}" has the shape [${info.shape.join(", ")}], not two dimensions.`,
    });
  }
  return [rows, columns];
}

function readHeader({ path, fd }: { path: string; fd: number }): SafetensorsHeader {
  const stat = fstatSync(fd);
  if (!stat.isFile()) throw unreadable({ path, why: "It is not a file." });
  const fileBytes = stat.size;
  if (fileBytes < 8) {
    throw unreadable({
      path,
      why: `It has ${fileBytes} bytes; even an empty file needs 10.`,
      facts: { fileBytes },
    });
  }
  const headerBytes = Number(readBytes({ path, fd, position: 0, length: 8 }).readBigUInt64LE());
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > fileBytes) {
    throw unreadable({
      path,
      why: `Its first 8 bytes announce a header of ${headerBytes} bytes in a file of ${fileBytes}.`,
      facts: { headerBytes, fileBytes },
    });
  }
  const text = readBytes({ path, fd, position: 8, length: headerBytes }).toString("utf8");
  return parseSafetensorsHeader({ path, text, dataStart: 8 + headerBytes, fileBytes });
}

/** Throws SAE_UNREADABLE (missing, truncated or corrupted file) or SAE_UNSUPPORTED (dtype). */
export function openSafetensors({ path }: { path: string }): Safetensors {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw unreadable({ path, why: `It can't be opened: ${messageOf(cause)}.`, cause });
  }
  let header: SafetensorsHeader;
  try {
    header = readHeader({ path, fd });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return safetensorsOver({ path, fd, header });
}

function safetensorsOver({
  path,
  fd,
  header,
}: {
  path: string;
  fd: number;
  header: SafetensorsHeader;
}): Safetensors {
  const { tensors, metadata } = header;
  let open = true;

  function info(name: string): TensorInfo {
    const found = tensors.get(name);
    if (found === undefined) {
      const why = `It has no tensor "${name}"; it has ${[...tensors.keys()].join(", ") || "none"}.`;
      throw unreadable({ path, why, facts: { tensor: name } });
    }
    return found;
  }

  function readInside({ name, first, elements }: { name: string; first: number; elements: number }): Buffer {
    // the number of a closed file may already belong to another one
    if (!open) throw new Error(`${path} was closed before tensor "${name}" was read`);
    const { dtype, begin, end } = info(name);
    const size = bytesOf(dtype);
    const position = begin + first * size;
    if (first < 0 || elements < 0 || position + elements * size > end) {
      throw new RangeError(`elements ${first} to ${first + elements} lie outside tensor "${name}"`);
    }
    return readBytes({ path, fd, position, length: elements * size });
  }

  function elementsOf(name: string): number {
    const { dtype, begin, end } = info(name);
    return (end - begin) / bytesOf(dtype);
  }

  return {
    path,
    tensors,
    metadata,
    info,
    readTensor(name) {
      const bytes = readInside({ name, first: 0, elements: elementsOf(name) });
      return toFloats({ path, name, dtype: info(name).dtype, bytes });
    },
    readInt32(name) {
      const { dtype } = info(name);
      if (dtype !== "I32") throw unreadable({ path, why: `Tensor "${name}" holds ${dtype}, not I32.` });
      const { buffer, byteOffset, byteLength } = readInside({ name, first: 0, elements: elementsOf(name) });
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    },
    readRows({ name, row, count }) {
      const [, columns] = matrixShape({ path, name, info: info(name) });
      const bytes = readInside({ name, first: row * columns, elements: count * columns });
      return toFloats({ path, name, dtype: info(name).dtype, bytes });
    },
    readColumn({ name, column }) {
      const { dtype, shape } = info(name);
      const [rows, columns] = matrixShape({ path, name, info: info(name) });
      if (column < 0 || column >= columns) {
        throw new RangeError(`column ${column} lies outside tensor "${name}" [${shape.join(", ")}]`);
      }
      const size = bytesOf(dtype);
      const bytes = Buffer.from(new ArrayBuffer(rows * size));
      for (let row = 0; row < rows; row++) {
        readInside({ name, first: row * columns + column, elements: 1 }).copy(bytes, row * size);
      }
      return toFloats({ path, name, dtype, bytes });
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

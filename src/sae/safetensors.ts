/**
 * A safetensors file opened lazily: the header is read and checked at once, tensors by row or column when asked for.
 * Reads are positional and synchronous, because a steering hook can't await.
 */
import { CountersteerError } from "../errors.ts";
import { type ByteSource, openFileBytes, readBytes } from "./byte-source.ts";
import { bfloat16ToFloat32, type FloatDtype, float16ToFloat32 } from "./float-bits.ts";
import { unreadable } from "./sae-errors.ts";
import {
  bytesOf,
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type TensorInfo,
} from "./safetensors-header.ts";
import { checkedTensor, rowMajorStrides, type StoredTensor } from "./stored-tensor.ts";

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
  /** A tensor of floats, unread. Throws SAE_UNSUPPORTED for any other. */
  stored(name: string): StoredTensor;
  close(): void;
}

const FLOATS: Readonly<Record<string, FloatDtype>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

function notFloats({ path, name, dtype }: { path: string; name: string; dtype: string }): CountersteerError {
  return new CountersteerError("SAE_UNSUPPORTED", {
    what: `Tensor "${name}" of ${path} holds ${dtype}.`,
    why: "Weights are read as F32, F16 or BF16.",
    todo: "Convert the tensor to one of these.",
    facts: { path, tensor: name, dtype },
  });
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
      throw notFloats({ path, name, dtype });
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

function readHeader(source: ByteSource): SafetensorsHeader {
  const { path, size: fileBytes } = source;
  if (fileBytes < 8) {
    throw unreadable({
      path,
      why: `It has ${fileBytes} bytes; the length of the header alone takes 8.`,
      facts: { fileBytes },
    });
  }
  const headerBytes = Number(readBytes({ source, position: 0, length: 8 }).readBigUInt64LE());
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > fileBytes) {
    throw unreadable({
      path,
      why: `Its first 8 bytes announce a header of ${headerBytes} bytes in a file of ${fileBytes}.`,
      facts: { headerBytes, fileBytes },
    });
  }
  const text = readBytes({ source, position: 8, length: headerBytes }).toString("utf8");
  return parseSafetensorsHeader({ path, text, dataStart: 8 + headerBytes, fileBytes });
}

/** Throws SAE_UNREADABLE (missing, truncated or corrupted file) or SAE_UNSUPPORTED (dtype). */
export function openSafetensors({ path }: { path: string }): Safetensors {
  const source = openFileBytes({ path });
  try {
    return safetensorsOver({ source, header: readHeader(source) });
  } catch (error) {
    source.close();
    throw error;
  }
}

function safetensorsOver({ source, header }: { source: ByteSource; header: SafetensorsHeader }): Safetensors {
  const { path } = source;
  const { tensors, metadata } = header;

  function info(name: string): TensorInfo {
    const found = tensors.get(name);
    if (found === undefined) {
      const why = `It has no tensor "${name}"; it has ${[...tensors.keys()].join(", ") || "none"}.`;
      throw unreadable({ path, why, facts: { tensor: name } });
    }
    return found;
  }

  function readInside({ name, first, elements }: { name: string; first: number; elements: number }): Buffer {
    const { dtype, begin, end } = info(name);
    const size = bytesOf(dtype);
    const position = begin + first * size;
    if (first < 0 || elements < 0 || position + elements * size > end) {
      throw new RangeError(`elements ${first} to ${first + elements} lie outside tensor "${name}"`);
    }
    return readBytes({ source, position, length: elements * size });
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
    stored(name) {
      const { dtype, shape, begin } = info(name);
      const float = FLOATS[dtype];
      if (float === undefined) throw notFloats({ path, name, dtype });
      return checkedTensor({
        name,
        dtype: float,
        shape,
        strides: rowMajorStrides(shape),
        begin,
        bytes: source,
      });
    },
    close: () => source.close(),
  };
}

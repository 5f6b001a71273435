/** NumPy's npz: a zip of `.npy` files, each a short header in Python's notation and then the numbers. Format: NEP 1. */
import { type ByteSource, openFileBytes, readBytes } from "./byte-source.ts";
import { bytesOfFloat, type FloatDtype } from "./float-bits.ts";
import { unreadable, unsupported } from "./sae-errors.ts";
import {
  checkedTensor,
  elementsOf,
  rowMajorStrides,
  type StoredTensor,
  type TensorFile,
} from "./stored-tensor.ts";
import { readZipDirectory, zipMemberBytes } from "./zip-directory.ts";

const MAGIC = "\x93NUMPY";
const LONGEST_HEADER = 4096;
const HEADER =
  /^\{\s*'descr':\s*'([^']{1,16})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d\s,]*)\),?\s*\}\s*$/;
const FLOATS: Readonly<Record<string, FloatDtype>> = { "<f8": "float64", "<f4": "float32", "<f2": "float16" };
const SUFFIX = ".npy";

function tensorIn({ name, bytes }: { name: string; bytes: ByteSource }): StoredTensor {
  const { path } = bytes;
  const fault = (why: string) =>
    unreadable({ path, why: `Its array ${name} ${why}.`, facts: { tensor: name } });
  const start = readBytes({ source: bytes, position: 0, length: Math.min(12, bytes.size) });
  if (start.length < 12 || start.toString("latin1", 0, 6) !== MAGIC) throw fault("is not in NumPy's format");
  // version 1 has a length of two bytes
  const isShort = start[6] === 1;
  const headerStart = isShort ? 10 : 12;
  const headerLength = isShort ? start.readUInt16LE(8) : start.readUInt32LE(8);
  if (headerLength > LONGEST_HEADER) throw fault(`is said to have a header of ${headerLength} bytes`);
  const header = readBytes({ source: bytes, position: headerStart, length: headerLength }).toString("latin1");
  const [, descr = "", order, dimensions = ""] = HEADER.exec(header) ?? [];
  if (order === undefined) throw fault("has a damaged header");
  const dtype = FLOATS[descr];
  if (dtype === undefined) {
    const known = "little-endian float64, float32 and float16";
    throw unsupported({ path, field: `type of ${name}`, value: descr, known });
  }
  const shape = dimensions
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  const begin = headerStart + headerLength;
  const end = begin + elementsOf({ shape }) * bytesOfFloat(dtype);
  if (end !== bytes.size) {
    throw fault(`[${shape.join(", ")}] needs ${end - begin} bytes and has ${bytes.size - begin}`);
  }
  const strides =
    order === "True" ? rowMajorStrides(shape.toReversed()).toReversed() : rowMajorStrides(shape);
  return checkedTensor({ name, dtype, shape, strides, begin, bytes });
}

/** Throws SAE_UNREADABLE, or SAE_UNSUPPORTED for an array of another type. */
export function openNpz({ path }: { path: string }): TensorFile {
  const source = openFileBytes({ path });
  try {
    const tensors = new Map<string, StoredTensor>();
    for (const [member, entry] of readZipDirectory({ source })) {
      const name = member.endsWith(SUFFIX) ? member.slice(0, -SUFFIX.length) : member;
      tensors.set(name, tensorIn({ name, bytes: zipMemberBytes({ source, member: entry }) }));
    }
    return { path, tensors, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

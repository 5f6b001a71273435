/** The bytes before the tensors of a GGUF file, and where each tensor will lie (version 3, little endian; format: ggml's docs/gguf.md). */
import { GGUFValueType } from "@huggingface/gguf";
import { ggmlTensorBytes } from "./ggml-types.ts";

/** A value with its stored type; `subType` is that of an array's elements. */
export interface GgufEntry {
  type: GGUFValueType;
  subType?: GGUFValueType;
  value: unknown;
}

export interface GgufTensorPlan {
  name: string;
  /** Innermost dimension first, as ggml counts. */
  shape: readonly number[];
  /** ggml's number of the type. */
  type: number;
}

export interface GgufLayout {
  /** Everything up to the first tensor, padding included. */
  header: Buffer;
  /** Bytes of each tensor, and of the padding behind it. */
  tensors: { bytes: number; padding: number }[];
}

const ALIGNMENT_KEY = "general.alignment";
const DEFAULT_ALIGNMENT = 32;

export const ggufText = (value: string): GgufEntry => ({ type: GGUFValueType.STRING, value });
export const ggufUint32 = (value: number): GgufEntry => ({ type: GGUFValueType.UINT32, value });
export const ggufFloat32 = (value: number): GgufEntry => ({ type: GGUFValueType.FLOAT32, value });
export const ggufTexts = (value: readonly string[]): GgufEntry => ({
  type: GGUFValueType.ARRAY,
  subType: GGUFValueType.STRING,
  value,
});

/** Entries and tensors follow each other in the order given. Throws RangeError for a tensor that is not whole blocks, and for a value that its type can't hold. */
export function ggufLayout({
  metadata,
  tensors,
}: {
  metadata: Readonly<Record<string, GgufEntry>>;
  tensors: readonly GgufTensorPlan[];
}): GgufLayout {
  const entries = Object.entries(metadata);
  const alignment = Number(metadata[ALIGNMENT_KEY]?.value ?? DEFAULT_ALIGNMENT);
  const paddingOf = (bytes: number) => (alignment - (bytes % alignment)) % alignment;
  const infos: Buffer[] = [];
  const sizes: GgufLayout["tensors"] = [];
  let offset = 0;
  for (const { name, shape, type } of tensors) {
    const size = ggmlTensorBytes({ type, shape: shape.map(BigInt) });
    if (size === null) throw new RangeError(`tensor ${name} of shape [${shape.join(", ")}] has no size`);
    const bytes = Number(size);
    infos.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(type), uint64(offset));
    sizes.push({ bytes, padding: paddingOf(bytes) });
    offset += bytes + paddingOf(bytes);
  }
  const parts = [Buffer.from("GGUF"), uint32(3), uint64(tensors.length), uint64(entries.length)];
  for (const [key, entry] of entries) parts.push(text(key), uint32(entry.type), valueBytes(entry));
  const header = Buffer.concat([...parts, ...infos]);
  return { header: Buffer.concat([header, Buffer.alloc(paddingOf(header.length))]), tensors: sizes };
}

function valueBytes({ type, subType, value }: GgufEntry): Buffer {
  if (type === GGUFValueType.STRING) return text(String(value));
  if (type !== GGUFValueType.ARRAY) return numberBytes(type, value);
  if (!Array.isArray(value) || subType === undefined) throw new RangeError("an array without elements' type");
  const elements = value.map((each: unknown) => valueBytes({ type: subType, value: each }));
  return Buffer.concat([uint32(subType), uint64(value.length), ...elements]);
}

/** Writes one number at the start of 8 bytes, and tells how many it takes. */
type WriteNumber = (to: Buffer, value: number | bigint) => number;

const NUMBERS: Partial<Record<GGUFValueType, WriteNumber>> = {
  [GGUFValueType.UINT8]: (to, value) => to.writeUInt8(Number(value)),
  [GGUFValueType.INT8]: (to, value) => to.writeInt8(Number(value)),
  [GGUFValueType.UINT16]: (to, value) => to.writeUInt16LE(Number(value)),
  [GGUFValueType.INT16]: (to, value) => to.writeInt16LE(Number(value)),
  [GGUFValueType.UINT32]: (to, value) => to.writeUInt32LE(Number(value)),
  [GGUFValueType.INT32]: (to, value) => to.writeInt32LE(Number(value)),
  [GGUFValueType.FLOAT32]: (to, value) => to.writeFloatLE(Number(value)),
  [GGUFValueType.BOOL]: (to, value) => to.writeUInt8(Number(value)),
  [GGUFValueType.UINT64]: (to, value) => to.writeBigUInt64LE(BigInt(value)),
  [GGUFValueType.INT64]: (to, value) => to.writeBigInt64LE(BigInt(value)),
  [GGUFValueType.FLOAT64]: (to, value) => to.writeDoubleLE(Number(value)),
};

function numberBytes(type: GGUFValueType, value: unknown): Buffer {
  const write = NUMBERS[type];
  const plain = typeof value === "boolean" ? Number(value) : value;
  if (write === undefined || (typeof plain !== "number" && typeof plain !== "bigint")) {
    throw new RangeError(`${String(value)} can't be stored as GGUF value type ${type}`);
  }
  const buffer = Buffer.alloc(8);
  return buffer.subarray(0, write(buffer, plain));
}

function uint32(value: number): Buffer {
  return numberBytes(GGUFValueType.UINT32, value);
}

function uint64(value: number): Buffer {
  return numberBytes(GGUFValueType.UINT64, value);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
}

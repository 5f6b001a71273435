/** Writes small torch files for tests: pickles instruction by instruction, and the zip around them. */
import { tinyZip } from "./tiny-zip.ts";

/** One instruction, or several. */
export type Code = Buffer;

export const op = (...bytes: number[]): Code => Buffer.from(bytes);
export const global = (module: string, name: string): Code => Buffer.from(`c${module}\n${name}\n`, "latin1");

export function text(value: string): Code {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([op(0x58), length, bytes]);
}

export function int(value: number): Code {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return Buffer.concat([op(0x4a), bytes]);
}

export const tuple = (...items: Code[]): Code => Buffer.concat([op(0x28), ...items, op(0x74)]);
/** A call: what is called, what it is given. */
export const call = (callable: Code, ...args: Code[]): Code =>
  Buffer.concat([callable, tuple(...args), op(0x52)]);
export const orderedDict = (): Code => call(global("collections", "OrderedDict"));
/** `items` are keys and values by turns. */
export const dict = (...items: Code[]): Code => Buffer.concat([op(0x7d, 0x28), ...items, op(0x75)]);

export interface TensorCode {
  storage: string;
  elements: number;
  shape: number[];
  strides: number[];
  offset?: number;
  type?: string;
}

export function tensor({
  storage,
  elements,
  shape,
  strides,
  offset = 0,
  type = "FloatStorage",
}: TensorCode): Code {
  const id = tuple(text("storage"), global("torch", type), text(storage), text("cpu"), int(elements));
  return call(
    global("torch._utils", "_rebuild_tensor_v2"),
    Buffer.concat([id, op(0x51)]),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    op(0x89),
    orderedDict(),
  );
}

export const program = (...code: Code[]): Code => Buffer.concat([op(0x80, 2), ...code, op(0x2e)]);

/** @param storages raw numbers by their key */
export function tinyTorch({
  pickle,
  storages = {},
  byteOrder = "little",
}: {
  pickle: Buffer;
  storages?: Record<string, Float32Array | Float16Array | Uint16Array>;
  byteOrder?: string;
}): Buffer {
  const parts = Object.entries(storages).map(([key, data]) => ({
    name: `tiny/data/${key}`,
    bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    deflate: false,
  }));
  return tinyZip({
    parts: [
      { name: "tiny/data.pkl", bytes: pickle, deflate: false },
      { name: "tiny/byteorder", bytes: Buffer.from(byteOrder), deflate: false },
      ...parts,
      { name: "tiny/version", bytes: Buffer.from("3\n"), deflate: false },
    ],
  });
}

/** Where the tensors of a GGUF file lie, and the raw bytes of their rows. */
import { type FileHandle, open } from "node:fs/promises";
import { CountersteerError, messageOf } from "../errors.ts";
import { ggmlTensorBytes, ggmlTypeName } from "./ggml-types.ts";
import { readGgufHeader } from "./gguf-header.ts";

export interface GgufMatrix {
  name: string;
  /** ggml's number of the type, and its name (`q4_0`). */
  type: number;
  typeName: string;
  /** Numbers of a row, and rows; a vector has one row. */
  columns: number;
  rows: number;
  rowBytes: number;
  /** Byte of the file at which the first row begins. */
  offset: number;
}

export interface GgufTensors {
  path: string;
  /** Unchecked, by key. */
  metadata: Readonly<Record<string, unknown>>;
  /** In the file's order. */
  names: readonly string[];
  /** `tokenizer.ggml.tokens`: the vocabulary as the tokenizer spells it. */
  tokens: string[];
  /** Undefined where the file has no such tensor. Throws MODEL_UNSUPPORTED for a type whose size isn't known. */
  find(name: string): GgufMatrix | undefined;
}

/** Reads the header. Throws MODEL_UNREADABLE. */
export async function readGgufTensors({ path }: { path: string }): Promise<GgufTensors> {
  const parsed = await readGgufHeader({ path });
  const metadata: Record<string, unknown> = { ...parsed.metadata };
  const tokens = metadata["tokenizer.ggml.tokens"];
  return {
    path,
    metadata,
    names: parsed.tensorInfos.map(({ name }) => name),
    tokens: Array.isArray(tokens) ? tokens.map(String) : [],
    find: (name) => {
      const tensor = parsed.tensorInfos.find((each) => each.name === name);
      if (tensor === undefined) return undefined;
      const columns = Number(tensor.shape[0] ?? 0n);
      const rows = tensor.shape.slice(1).reduce((product, size) => product * Number(size), 1);
      const bytes = ggmlTensorBytes({ type: tensor.dtype, shape: tensor.shape });
      const typeName = ggmlTypeName(tensor.dtype);
      if (bytes === null) throw unknownType({ path, name, typeName });
      const offset = Number(parsed.tensorDataOffset + tensor.offset);
      return { name, type: tensor.dtype, typeName, columns, rows, rowBytes: Number(bytes) / rows, offset };
    },
  };
}

/** The bytes of rows `[start, start + count)`. Throws MODEL_UNREADABLE where the file ends before them. */
export async function readGgufRows({
  path,
  matrix,
  start,
  count,
}: {
  path: string;
  matrix: GgufMatrix;
  start: number;
  count: number;
}): Promise<Uint8Array> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    throw unreadable({ path, why: `${messageOf(cause)}.`, cause });
  }
  await using _ = file;
  const bytes = new Uint8Array(count * matrix.rowBytes);
  const from = matrix.offset + start * matrix.rowBytes;
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
    if (bytesRead === 0) {
      throw unreadable({ path, why: `It ends within ${matrix.name}, at byte ${from + filled}.` });
    }
    filled += bytesRead;
  }
  return bytes;
}

function unreadable({ path, why, cause }: { path: string; why: string; cause?: unknown }): CountersteerError {
  return new CountersteerError("MODEL_UNREADABLE", {
    what: `The tensors of ${path} can't be read.`,
    why,
    todo: "Give a complete GGUF file; if it was downloaded, download it again.",
    facts: { path },
    cause,
  });
}

function unknownType({
  path,
  name,
  typeName,
}: {
  path: string;
  name: string;
  typeName: string;
}): CountersteerError {
  return new CountersteerError("MODEL_UNSUPPORTED", {
    what: `${name} of ${path} can't be read.`,
    why: `It is stored as ${typeName}, whose size isn't known.`,
    todo: "Use a file in another type, for example q8_0 or f16.",
    facts: { path, tensor: name, type: typeName },
  });
}

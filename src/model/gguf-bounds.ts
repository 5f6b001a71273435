/**
 * Walks over a GGUF header before it is parsed, and refuses one whose counts and lengths don't fit into the file: a parser that believes a
 * damaged length works for minutes or runs out of memory. Format: ggml's docs/gguf.md, versions 2 and 3, little endian.
 */
import { closeSync, openSync, readSync } from "node:fs";

/** Bytes of a value by its type; 0 for texts and lists, which say it themselves. */
const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const TEXT = 8;
const LIST = 9;
/** Length of a text, of a list. */
const LENGTH = 8;
const VERSIONS = [2, 3];
/** ggml's own bound. */
const MOST_DIMENSIONS = 4;
/** A key without letters and the smallest value; a tensor without a name. */
const LEAST_ENTRY = LENGTH + 4 + 1;
const LEAST_TENSOR = LENGTH + 4 + 4 + 8;
const CHUNK = 2 ** 20;

/** Throws RangeError with the reason. `fileSize` in bytes. */
export function checkGgufBounds({ path, fileSize }: { path: string; fileSize: number }): void {
  const file = openSync(path, "r");
  try {
    walkHeader(new Walk({ file, fileSize }));
  } finally {
    closeSync(file);
  }
}

function walkHeader(walk: Walk): void {
  walk.skip(4);
  const version = walk.uint32();
  if (!VERSIONS.includes(version)) throw new RangeError(`its version is ${version}, and 2 and 3 are read`);
  const tensors = walk.count({ least: LEAST_TENSOR, what: "tensors" });
  const entries = walk.count({ least: LEAST_ENTRY, what: "metadata entries" });
  for (let i = 0; i < entries; i++) {
    walk.text();
    skipValue(walk, walk.uint32());
  }
  for (let i = 0; i < tensors; i++) {
    walk.text();
    const dimensions = walk.uint32();
    if (dimensions > MOST_DIMENSIONS) throw new RangeError(`a tensor has ${dimensions} dimensions`);
    walk.skip(8 * dimensions + 4 + 8);
  }
}

function skipValue(walk: Walk, type: number): void {
  if (type === TEXT) {
    walk.text();
    return;
  }
  if (type !== LIST) {
    walk.skip(sizeOf(type));
    return;
  }
  const element = walk.uint32();
  if (element === LIST) throw new RangeError("a list holds lists");
  const size = element === TEXT ? LENGTH : sizeOf(element);
  const count = walk.count({ least: size, what: "elements of a list" });
  if (element !== TEXT) {
    walk.skip(count * size);
    return;
  }
  for (let i = 0; i < count; i++) walk.text();
}

function sizeOf(type: number): number {
  const size = SIZES[type];
  if (size === undefined || size === 0)
    throw new RangeError(`a value has the type ${type}, which there isn't`);
  return size;
}

/** A place in the file, and what is read around it. */
class Walk {
  readonly #file: number;
  readonly #fileSize: number;
  #chunk = Buffer.alloc(0);
  #chunkStart = 0;
  #at = 0;

  constructor({ file, fileSize }: { file: number; fileSize: number }) {
    this.#file = file;
    this.#fileSize = fileSize;
  }

  skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#fileSize)
      throw new RangeError(`it needs more than the file's ${this.#fileSize} bytes`);
  }

  uint32(): number {
    const at = this.#have(4);
    return this.#chunk.readUInt32LE(at);
  }

  text(): void {
    this.skip(this.count({ least: 1, what: "bytes of a text" }));
  }

  /** A number of things that take at least so many bytes each. */
  count({ least, what }: { least: number; what: string }): number {
    const at = this.#have(8);
    const count = Number(this.#chunk.readBigUInt64LE(at));
    if (count * least > this.#fileSize - this.#at) {
      throw new RangeError(
        `it says that it has ${count} ${what}, which don't fit into the file's ${this.#fileSize} bytes`,
      );
    }
    return count;
  }

  /** Moves on by so many bytes, and gives where in the chunk they begin. */
  #have(bytes: number): number {
    const from = this.#at;
    this.skip(bytes);
    if (from < this.#chunkStart || this.#at > this.#chunkStart + this.#chunk.length) {
      const chunk = Buffer.alloc(Math.min(CHUNK, this.#fileSize - from));
      const bytesRead = readSync(this.#file, chunk, 0, chunk.length, from);
      this.#chunk = chunk.subarray(0, bytesRead);
      this.#chunkStart = from;
      if (bytesRead < bytes) throw new RangeError("it ends while it is read");
    }
    return from - this.#chunkStart;
  }
}

/** A second, plain reading of a GGUF file's metadata (version 2 and 3, little endian; ggml's docs/gguf.md), to compare the product's with. */

const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const TEXT = 8;
const LIST = 9;

/** The values by key, lists of texts included and other lists as their length. Throws RangeError where the file ends before. */
export function readGgufAgain(bytes: Buffer): Map<string, unknown> {
  let at = 8;
  const uint64 = () => {
    at += 8;
    return Number(bytes.readBigUInt64LE(at - 8));
  };
  const uint32 = () => {
    at += 4;
    return bytes.readUInt32LE(at - 4);
  };
  const text = () => {
    const length = uint64();
    if (at + length > bytes.length) throw new RangeError("a text ends after the file");
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  const value = (type: number): unknown => {
    if (type === TEXT) return text();
    if (type === LIST) {
      const subType = uint32();
      const length = uint64();
      if (subType === TEXT) return Array.from({ length }, text);
      for (let i = 0; i < length; i++) value(subType);
      return length;
    }
    const size = SIZES[type];
    if (size === undefined || size === 0) throw new RangeError(`there is no type ${type}`);
    at += size;
    if (type === 4) return bytes.readUInt32LE(at - 4);
    if (type === 5) return bytes.readInt32LE(at - 4);
    if (type === 10) return Number(bytes.readBigUInt64LE(at - 8));
    return null;
  };
  uint64();
  const entries = uint64();
  const found = new Map<string, unknown>();
  for (let i = 0; i < entries; i++) {
    const key = text();
    found.set(key, value(uint32()));
  }
  return found;
}

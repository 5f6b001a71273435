/** Damages GGUF files past their first four bytes: lengths, types, counts, doubled and missing keys, tensors that lie elsewhere. */
import { type Draw, mutate } from "../support/mutate.ts";

const EXTREMES = [
  0n,
  1n,
  2n,
  31n,
  33n,
  0xffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 40n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Key names and tensor names stand as plain text; the fields around them have fixed places (ggml's docs/gguf.md). */
const NAME = /(?<![a-z_0-9.])[a-z_0-9]{1,64}(?:\.[a-z_0-9]{1,64}){1,6}/g;

function namesIn(bytes: Buffer): { at: number; text: string }[] {
  const text = bytes.toString("latin1");
  return [...text.matchAll(NAME)]
    .map((match) => ({ at: match.index, text: match[0] }))
    .filter(({ at, text: name }) => at >= 8 && bytes.readBigUInt64LE(at - 8) === BigInt(name.length));
}

function put(bytes: Buffer, at: number, draw: Draw): void {
  const value = EXTREMES[draw(EXTREMES.length)] ?? 0n;
  if (at < 0 || at + 8 > bytes.length) return;
  if (draw(2) === 0) bytes.writeBigUInt64LE(value, at);
  else bytes.writeUInt32LE(Number(value & 0xffffffffn), at);
}

function changeField(bytes: Buffer, draw: Draw): Buffer {
  const copy = Buffer.from(bytes);
  const names = namesIn(copy);
  const name = names[draw(Math.max(1, names.length))];
  if (name === undefined) return copy;
  const end = name.at + name.text.length;
  switch (draw(7)) {
    case 0:
      put(copy, name.at - 8, draw);
      break;
    case 1:
      // the type of a value, or a tensor's number of dimensions
      copy.writeUInt32LE(draw(2) === 0 ? draw(16) : draw(2 ** 31), Math.min(end, copy.length - 4));
      break;
    case 2:
      put(copy, end + 4, draw);
      break;
    case 3:
      put(copy, end + 8, draw);
      break;
    case 4:
      // a tensor's type and offset behind two dimensions
      put(copy, end + 20 + 4 * draw(3), draw);
      break;
    case 5:
      copy.write(names[draw(names.length)]?.text ?? "", name.at, "latin1");
      break;
    default:
      copy[name.at + draw(name.text.length)] = draw(256);
  }
  return copy;
}

/** One to three changes; one in four is of bytes anywhere. */
export function mutateGguf({ bytes, draw }: { bytes: Buffer; draw: Draw }): Buffer {
  let mutated = bytes;
  for (let left = 1 + draw(3); left > 0; left--) {
    const how = draw(12);
    if (how < 3) mutated = mutate({ bytes: mutated, draw });
    else if (how === 3) {
      // counts of tensors and of metadata
      mutated = Buffer.from(mutated);
      put(mutated, draw(2) === 0 ? 8 : 16, draw);
    } else mutated = changeField(mutated, draw);
  }
  return mutated;
}

/** Lists of 32-bit integers in as few bytes as they need. Any `Int32Array` comes back as it was. */

/** Seven bits a byte, lowest first, the high bit set where more follow (LEB128): small non-negative values take least. */
export function packIntegers(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(5 * values.length);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    let rest = (values[i] ?? 0) >>> 0;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  }
  return bytes.slice(0, at);
}

/** Throws a RangeError for bytes that `packIntegers` does not write. */
export function unpackIntegers(bytes: Uint8Array): Int32Array {
  let count = 0;
  for (const byte of bytes) count += Number(byte < 0x80);
  const values = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      if (shift > 28 || (shift === 28 && byte > 0x0f)) throw new RangeError("a packed integer is too long");
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    values[i] = value;
  }
  if (at !== bytes.length) throw new RangeError("packed integers end within one");
  return values;
}

/** A step of 15 or more, or back, is this and then three bits a half byte, lowest first, the high bit set where more follow. */
const ESCAPE = 15;

/** Offsets that rise in small steps: half a byte for each step below 15. */
export function packOffsets(values: ArrayLike<number>): Uint8Array {
  const halves: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let step = ((values[i] ?? 0) - (values[i - 1] ?? 0)) >>> 0;
    if (step < ESCAPE) {
      halves.push(step);
      continue;
    }
    halves.push(ESCAPE);
    for (; step > 7; step >>>= 3) halves.push((step & 7) | 8);
    halves.push(step);
  }
  // an escape with nothing after it fills the last byte
  if (halves.length % 2 === 1) halves.push(ESCAPE);
  return Uint8Array.from(
    { length: halves.length / 2 },
    (_, i) => ((halves[2 * i] ?? 0) << 4) | (halves[2 * i + 1] ?? 0),
  );
}

/** Throws a RangeError for bytes that `packOffsets` does not write. */
export function unpackOffsets(bytes: Uint8Array): Int32Array {
  const halves = 2 * bytes.length;
  const half = (at: number) => ((bytes[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15;
  const values: number[] = [];
  let last = 0;
  for (let at = 0; at < halves; ) {
    let step = half(at++);
    if (step === ESCAPE) {
      if (at === halves) break;
      step = 0;
      for (let shift = 0; ; shift += 3) {
        if (at === halves || shift > 30) throw new RangeError("packed offsets end within one");
        const next = half(at++);
        step |= (next & 7) << shift;
        if (next < 8) break;
      }
    }
    last = (last + step) | 0;
    values.push(last);
  }
  return Int32Array.from(values);
}

/** 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
export function foldSign(value: number): number {
  return (value << 1) ^ (value >> 31);
}

export function unfoldSign(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** Between float32 and the shorter float formats. Widening is exact; narrowing rounds to the nearest, ties to even. */

export type FloatDtype = "float64" | "float32" | "float16" | "bfloat16";

const SIZES: Readonly<Record<FloatDtype, number>> = { float64: 8, float32: 4, float16: 2, bfloat16: 2 };

const scratch = new Uint32Array(1);
const scratchFloat = new Float32Array(scratch.buffer);

export function bytesOfFloat(dtype: FloatDtype): number {
  return SIZES[dtype];
}

function floatOfBits(bits: number): number {
  scratch[0] = bits;
  return scratchFloat[0] ?? 0;
}

/** Reads element `index` of bytes that hold numbers of `dtype`. The bytes must begin at a multiple of the number's size. */
export function elementReader({
  dtype,
  bytes,
}: {
  dtype: FloatDtype;
  bytes: Uint8Array;
}): (index: number) => number {
  const { buffer, byteOffset, byteLength } = bytes;
  const length = byteLength / SIZES[dtype];
  switch (dtype) {
    case "float64": {
      const view = new Float64Array(buffer, byteOffset, length);
      return (index) => view[index] ?? 0;
    }
    case "float32": {
      const view = new Float32Array(buffer, byteOffset, length);
      return (index) => view[index] ?? 0;
    }
    case "float16": {
      const view = new Float16Array(buffer, byteOffset, length);
      return (index) => view[index] ?? 0;
    }
    case "bfloat16": {
      const view = new Uint16Array(buffer, byteOffset, length);
      return (index) => floatOfBits((view[index] ?? 0) << 16);
    }
  }
}

/** IEEE half bits `[n]` to float32 `[n]`. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  return new Float32Array(new Float16Array(bits.buffer, bits.byteOffset, bits.length));
}

/** bfloat16 bits `[n]` to float32 `[n]`: the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = floatOfBits((bits[i] ?? 0) << 16);
  return out;
}

/** float32 `[n]` to IEEE half bits `[n]`. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer);
}

/** float32 `[n]` to bfloat16 bits `[n]`. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const whole = bits[i] ?? 0;
    // a NaN whose payload is only in the lower half would round to infinity
    const isNan = (whole & 0x7fffffff) > 0x7f800000;
    out[i] = isNan ? (whole >>> 16) | 0x40 : (whole + 0x7fff + ((whole >>> 16) & 1)) >>> 16;
  }
  return out;
}

/** Widening of the two 16-bit float formats to float32; both are exact. */

const scratch = new Uint32Array(1);
const scratchFloat = new Float32Array(scratch.buffer);

function floatOfBits(bits: number): number {
  scratch[0] = bits;
  return scratchFloat[0] ?? 0;
}

function halfToFloat(half: number): number {
  const sign = (half & 0x8000) !== 0 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** IEEE half bits `[n]` to float32 `[n]`. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfToFloat(bits[i] ?? 0);
  return out;
}

/** bfloat16 bits `[n]` to float32 `[n]`: the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = floatOfBits((bits[i] ?? 0) << 16);
  return out;
}

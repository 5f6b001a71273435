/**
 * Random numbers keyed by (seed, index): the number for a token does not depend on what was drawn before it, so a trial's tokens do not
 * depend on the batch, on restarts or on the worker (DESIGN.md invariant 4).
 */

/** Avalanche mixing of 32 bits (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** A uniform number in [0, 1) with 53 random bits. `seed` and `index` are integers in [0, 2^53). */
export function keyedUniform(seed: number, index: number): number {
  const seedLow = seed >>> 0;
  const seedHigh = Math.floor(seed / 0x1_0000_0000) >>> 0;
  let a = mix(seedLow ^ 0x9e3779b9);
  a = mix(a + seedHigh + 0x7f4a7c15);
  a = mix(a + (index >>> 0) + 0x165667b1);
  a = mix(a + Math.floor(index / 0x1_0000_0000) + 0x27d4eb2f);
  const b = mix(a ^ 0x5bd1e995 ^ seedLow);
  return ((a >>> 5) * 0x400_0000 + (b >>> 6)) / 0x20_0000_0000_0000;
}
